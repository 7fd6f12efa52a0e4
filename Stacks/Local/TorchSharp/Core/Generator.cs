#nullable enable
using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers.</summary>
    public class Generator : IDisposable
    {
        public IntPtr Handle { get; private set; }

        public torch.Device device { get; private set; }

        public static Generator Default => new(Libtorch.Check(NativeMethods.anml_generator_default()));

        public Generator(ulong seed = 0, torch.Device? device = null)
            : this(Libtorch.Check(NativeMethods.anml_generator_new(seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1)))
        {
            this.device = device ?? CPU;
        }

        internal Generator(IntPtr handle)
        {
            Handle = handle;
            device = CPU;
        }

        ~Generator() => Dispose(false);

        public Tensor get_state() => new(Libtorch.Check(NativeMethods.anml_generator_get_state(Handle)));

        public void set_state(Tensor value) => Libtorch.Check(NativeMethods.anml_generator_set_state(Handle, value.Handle));

        public Generator manual_seed(long seed)
        {
            Libtorch.Check(NativeMethods.anml_generator_seed(Handle, (ulong)seed));
            return this;
        }

        public long seed()
        {
            var seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        public long initial_seed() => (long)NativeMethods.anml_generator_initial_seed(Handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Handle == IntPtr.Zero) return;
            NativeMethods.anml_generator_free(Handle);
            Handle = IntPtr.Zero;
        }
    }
}
