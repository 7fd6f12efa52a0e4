using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Initializers over managed memory. The memory is read when the file is written, not copied before.</summary>
public static class OnnxTensor
{
    /// <summary>A float32 tensor.</summary>
    /// <param name="name">The initializer's name.</param>
    /// <param name="dimensions">Lengths of the axes, outermost first; empty for a scalar.</param>
    /// <param name="values">Row-major elements.</param>
    /// <exception cref="ArgumentException">The number of values is not what the axes ask for.</exception>
    public static IOnnxTensorSource Create(string name, IReadOnlyList<long> dimensions, ReadOnlyMemory<float> values)
        => new MemorySource<float>(name, DataType.Float, dimensions, values);

    /// <summary>An int64 tensor, such as the shape that Reshape takes.</summary>
    /// <param name="name">The initializer's name.</param>
    /// <param name="dimensions">Lengths of the axes, outermost first; empty for a scalar.</param>
    /// <param name="values">Row-major elements.</param>
    /// <exception cref="ArgumentException">The number of values is not what the axes ask for.</exception>
    public static IOnnxTensorSource Create(string name, IReadOnlyList<long> dimensions, ReadOnlyMemory<long> values)
        => new MemorySource<long>(name, DataType.Int64, dimensions, values);

    /// <summary>A tensor of any fixed-size element type, from its raw bytes.</summary>
    /// <param name="name">The initializer's name.</param>
    /// <param name="elementType">The type of one element.</param>
    /// <param name="dimensions">Lengths of the axes, outermost first; empty for a scalar.</param>
    /// <param name="bytes">Row-major elements, little-endian.</param>
    /// <exception cref="ArgumentException">The number of bytes is not what the axes ask for.</exception>
    public static IOnnxTensorSource Create(
        string name, DataType elementType, IReadOnlyList<long> dimensions, ReadOnlyMemory<byte> bytes)
        => new MemorySource<byte>(name, elementType, dimensions, bytes);

    private sealed class MemorySource<T> : IOnnxTensorSource
        where T : unmanaged
    {
        private readonly ReadOnlyMemory<T> _values;

        public MemorySource(string name, DataType elementType, IReadOnlyList<long> dimensions, ReadOnlyMemory<T> values)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(dimensions);
            Name = name;
            ElementType = elementType;
            Dimensions = [.. dimensions];
            ByteLength = OnnxElementTypes.ByteLength(elementType, Dimensions, name);
            _values = values;
            long given = (long)values.Length * Marshal.SizeOf<T>();
            if (given != ByteLength)
            {
                throw new ArgumentException(
                    $"The initializer '{name}' of shape [{string.Join(", ", Dimensions)}] takes {ByteLength} bytes, but {given} were given.",
                    nameof(values));
            }
        }

        public string Name { get; }

        public DataType ElementType { get; }

        public IReadOnlyList<long> Dimensions { get; }

        public long ByteLength { get; }

        public void WriteTo(Stream destination)
        {
            ArgumentNullException.ThrowIfNull(destination);

            // In slices: a span of bytes cannot be longer than 2 GB although the elements may be.
            const int Slice = 1 << 16;
            for (int start = 0; start < _values.Length; start += Slice)
            {
                ReadOnlySpan<T> slice = _values.Span.Slice(start, Math.Min(Slice, _values.Length - start));
                destination.Write(BitConverter.IsLittleEndian ? MemoryMarshal.AsBytes(slice) : Reversed(slice));
            }
        }

        private static byte[] Reversed(ReadOnlySpan<T> slice)
        {
            byte[] bytes = MemoryMarshal.AsBytes(slice).ToArray();
            if (typeof(T) == typeof(float))
            {
                Span<int> words = MemoryMarshal.Cast<byte, int>(bytes.AsSpan());
                BinaryPrimitives.ReverseEndianness(words, words);
            }
            else if (typeof(T) == typeof(long))
            {
                Span<long> words = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
                BinaryPrimitives.ReverseEndianness(words, words);
            }

            return bytes;
        }
    }
}
