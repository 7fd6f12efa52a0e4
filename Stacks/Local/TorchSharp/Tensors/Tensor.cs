#nullable enable
using System;
using System.Threading;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of libtorch. Dispose it or leave that to a <see cref="DisposeScope"/>: the collector comes late.</summary>
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;

        internal IntPtr handle;

        internal Tensor(IntPtr handle, bool register = true)
        {
            this.handle = handle;
            if (handle != IntPtr.Zero) {
                var count = Interlocked.Increment(ref _totalCount);
                if (count > _peakCount) _peakCount = count;
            }
            if (register) OwningDisposeScope = DisposeScopeManager.ThreadSingleton.Register(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }

        public string? name { get; set; }

        public static long TotalCount => Interlocked.Read(ref _totalCount);

        public static long PeakCount => Interlocked.Read(ref _peakCount);

        public bool IsInvalid => handle == IntPtr.Zero;

        public IntPtr Handle {
            get {
                if (handle == IntPtr.Zero) ThrowInvalid();
                return handle;
            }
        }

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        public override int GetHashCode() => base.GetHashCode();

        /// <summary>Shape, type and device.</summary>
        public override string ToString() => this.metastr();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == IntPtr.Zero) return;
            DisposeScopeManager.ThreadSingleton.CountDisposal(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref _totalCount);
            NativeMethods.anml_free(handle);
            handle = IntPtr.Zero;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var result = Handle;
            Interlocked.Decrement(ref _totalCount);
            handle = IntPtr.Zero;
            return result;
        }

        /// <summary>Hands the tensor over to another object, which counts in this one's place.</summary>
        internal IntPtr MoveHandle() => DecoupleFromNativeHandle();

        private static void ThrowInvalid() =>
            throw new InvalidOperationException("Tensor invalid -- empty handle.");
    }
}
