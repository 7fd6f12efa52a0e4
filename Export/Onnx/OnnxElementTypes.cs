using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Sizes of ONNX element types in <c>raw_data</c>, and the lengths that follow from them.</summary>
internal static class OnnxElementTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <exception cref="OnnxFormatException">A type without a raw form (strings), or an unknown one.</exception>
    public static int BytesPerElement(DataType type, string tensor) => type switch
    {
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 1,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 2,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 8,
        DataType.Complex128 => 16,
        _ => throw new OnnxFormatException(
            $"The initializer '{tensor}' has elements of type {type}, which has no raw byte form; give it as a TensorProto instead."),
    };

    /// <summary>Bytes of a whole tensor.</summary>
    /// <exception cref="OnnxFormatException">A negative axis, or more bytes than 63 bits count.</exception>
    public static long ByteLength(DataType type, IReadOnlyList<long> dimensions, string tensor)
    {
        long bytes = BytesPerElement(type, tensor);
        if (dimensions.Contains(0))
        {
            bytes = 0; // empty, however long the other axes are
        }

        foreach (long length in dimensions)
        {
            if (length < 0)
            {
                throw new OnnxFormatException($"The initializer '{tensor}' has an axis of length {length}; a length is zero or more.");
            }

            UInt128 product = (UInt128)(ulong)bytes * (ulong)length;
            bytes = product <= long.MaxValue
                ? (long)product
                : throw new OnnxFormatException($"The initializer '{tensor}' of shape [{string.Join(", ", dimensions)}] is too large to address.");
        }

        return bytes;
    }
}
