#nullable enable
using System;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

// Devices, threads, random state, dispose scopes.
public static partial class torch
{
    /// <summary>The libtorch that is in use, as "1.13.1".</summary>
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((nint)NativeMethods.anml_torch_version())!;

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType)
    {
        if (deviceType == DeviceType.MPS) return false;
        return deviceType != DeviceType.CUDA || NativeMethods.anml_cuda_devices() > 0;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (TryInitializeDeviceType(deviceType)) return;
        throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>Nothing to do: errors are thrown by the call that made them.</summary>
    public static void CheckForErrors()
    {
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static int get_num_threads() => Libtorch.Check(NativeMethods.anml_get_threads(0));

    public static void set_num_threads(int num) => Libtorch.Check(NativeMethods.anml_set_threads(num, 0));

    public static int get_num_interop_threads() => Libtorch.Check(NativeMethods.anml_get_threads(1));

    public static void set_num_interop_threads(int num) => Libtorch.Check(NativeMethods.anml_set_threads(num, 1));

    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static long seed() => random.seed();

    public static long initial_seed() => random.initial_seed();

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    public static partial class random
    {
        public static Generator manual_seed(long seed)
        {
            Libtorch.Check(NativeMethods.anml_manual_seed((ulong)seed));
            return Generator.Default;
        }

        public static long seed()
        {
            using var generator = Generator.Default;
            return generator.seed();
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }

    public static partial class cuda
    {
        public static bool is_available() => TryInitializeDeviceType(DeviceType.CUDA);

        public static bool is_cudnn_available() => is_available() && NativeMethods.anml_cudnn_available() != 0;

        public static int device_count() => NativeMethods.anml_cuda_devices();

        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            Libtorch.Check(NativeMethods.anml_cuda_synchronize(device?.index ?? -1));
        }

        public static void manual_seed(long seed) => manual_seed_all(seed);

        public static void manual_seed_all(long seed)
        {
            // torch's own seeding goes to every device; the processor's generator keeps its state.
            if (!is_available()) return;
            using var state = get_rng_state();
            Libtorch.Check(NativeMethods.anml_manual_seed((ulong)seed));
            set_rng_state(state);
        }
    }

    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                public static bool allow_tf32 {
                    get => Tf32(0);
                    set => SetTf32(0, value);
                }
            }
        }

        public static partial class cudnn
        {
            public static bool allow_tf32 {
                get => Tf32(1);
                set => SetTf32(1, value);
            }
        }

        private static bool Tf32(int library) => Libtorch.Check(NativeMethods.anml_get_tf32(library)) != 0;

        private static void SetTf32(int library, bool allowed) =>
            Libtorch.Check(NativeMethods.anml_set_tf32(library, allowed ? 1 : 0));
    }
}
