#nullable enable
using System;
using System.IO;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

// What a tensor is, and its elements as .NET sees them.
public static partial class torch
{
    public unsafe partial class Tensor
    {
        public long Dimensions => Describe().Dimensions;

        public long ndim => Dimensions;

        public long NumberOfElements => Describe().Elements;

        public long ElementSize => Describe().ElementSize;

        public ScalarType dtype => (ScalarType)Describe().Type;

        public DeviceType device_type => (DeviceType)Describe().DeviceType;

        public int device_index => Describe().DeviceIndex;

        public Device device {
            get {
                var description = Describe();
                var type = (DeviceType)description.DeviceType;
                return type == DeviceType.CPU ? new Device(type) : new Device(type, description.DeviceIndex);
            }
        }

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Describe().Sparse != 0;

        public long[] shape => size();

        /// <summary>The elements' bytes where they are; valid as long as the tensor.</summary>
        public Span<byte> bytes {
            get {
                var description = DescribeBytes();
                var length = description.Elements * description.ElementSize;
                if (length > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>(Pointer, (int)length);
            }
            set {
                var target = bytes;
                if (target.Length != value.Length) {
                    throw new ArgumentException($"The tensor has {target.Length} bytes, not the {value.Length} given.");
                }
                value.CopyTo(target);
            }
        }

        internal void* Pointer {
            get {
                if (NumberOfElements == 0) return null;
                var pointer = NativeMethods.anml_data(Handle);
                if (pointer == null) Libtorch.ThrowLastError();
                GC.KeepAlive(this);
                return pointer;
            }
        }

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public long storage_offset() => Describe().StorageOffset;

        public long[] size()
        {
            var description = Describe();
            var sizes = new ReadOnlySpan<long>(description.Sizes, description.Dimensions).ToArray();
            GC.KeepAlive(this);
            return sizes;
        }

        public long size(int dim)
        {
            var description = Describe();
            var result = description.Sizes[Wrap(dim, description.Dimensions)];
            GC.KeepAlive(this);
            return result;
        }

        public long[] stride()
        {
            var description = Describe();
            if (description.Sparse != 0) throw new InvalidOperationException("A sparse tensor has no strides.");
            var strides = new ReadOnlySpan<long>(description.Strides, description.Dimensions).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Wrap(dim, (int)Dimensions)];

        public bool is_contiguous() => Describe().Contiguous != 0;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_nonzero()
        {
            if (numel() != 1) throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            return ToScalar().ToBoolean();
        }

        public bool is_pinned() => Aten.CallBool("is_pinned", this);

        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            ValidateType(typeof(T));
            if (device_type == DeviceType.CPU) {
                var value = *(T*)Pointer;
                GC.KeepAlive(this);
                return value;
            }
            using var copy = cpu();
            return copy.item<T>();
        }

        public Scalar ToScalar() => is_complex() ? ComplexItem() : Aten.CallScalar("item", this);

        public T ReadCpuValue<T>(long i) where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(this)[i];
        }

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            var description = DescribeBytes();
            var start = (byte*)Pointer;
            var length = description.Elements * description.ElementSize;
            for (long written = 0; written < length; written += bufferSize) {
                stream.Write(new ReadOnlySpan<byte>(start + written, (int)Math.Min(bufferSize, length - written)));
            }
            GC.KeepAlive(this);
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            var description = DescribeBytes();
            var start = (byte*)Pointer;
            var length = description.Elements * description.ElementSize;
            for (long read = 0; read < length; read += bufferSize) {
                stream.ReadExactly(new Span<byte>(start + read, (int)Math.Min(bufferSize, length - read)));
            }
            GC.KeepAlive(this);
        }

        internal void ValidateType(Type type)
        {
            if (dtype == ScalarType.BFloat16) throw new ArgumentException($"No support for {dtype} in TorchSharp");
            if (type != ToType(dtype)) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        private Description Describe()
        {
            Description description;
            Libtorch.Check(NativeMethods.anml_describe(Handle, &description));
            GC.KeepAlive(this);
            return description;
        }

        private Description DescribeBytes()
        {
            var description = Describe();
            if (description.Contiguous == 0) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            if (description.DeviceType != (int)DeviceType.CPU) {
                throw new InvalidOperationException("The tensor is not in the CPU's memory: take its cpu() first.");
            }
            return description;
        }

        private Scalar ComplexItem()
        {
            using var wide = to_type(ScalarType.ComplexFloat64);
            return wide.item<System.Numerics.Complex>();
        }

        private static int Wrap(int dim, int dimensions)
        {
            var wrapped = dim < 0 ? dim + dimensions : dim;
            if (wrapped >= 0 && wrapped < dimensions) return wrapped;
            throw new System.Runtime.InteropServices.ExternalException(
                $"Dimension out of range (expected to be in range of [{-dimensions}, {dimensions - 1}], but got {dim})");
        }
    }
}
