using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Whether a tensor holds as many values as its shape says, in one place and in the field that is its type's.</summary>
internal static class TensorCheck
{
    private const int MaxAxes = 64;

    // Types newer than the description of the format that is compiled in: four of one byte, two of half a byte. They are measured, not read.
    private const int FirstByteType = 17;
    private const int LastByteType = 20;
    private const int LastHalfByteType = 22;

    /// <param name="tensor">The tensor.</param>
    /// <param name="external">Where tensors beside the model lie.</param>
    /// <param name="source">What errors call the model.</param>
    /// <param name="rawLength">How long its raw_data is, where that was not loaded.</param>
    /// <exception cref="OnnxFormatException">It does not.</exception>
    public static void Check(TensorProto tensor, ExternalData external, string source, long? rawLength = null)
    {
        long raw = rawLength ?? tensor.RawData.Length;
        if (tensor.Dims.Count > MaxAxes)
            throw Refuse(tensor, source, $"has {tensor.Dims.Count} axes, but at most {MaxAxes} are read");
        if (tensor.Segment is not null)
            throw Refuse(tensor, source, "is cut into segments, which no ONNX reader puts together; store it whole");
        bool text = tensor.DataType == (int)DataType.String;

        // A text has no raw form; as many bytes as texts is a bound for the count.
        bool newer = tensor.DataType is >= FirstByteType and <= LastHalfByteType;
        long bytes = ByteLength(tensor, text || newer ? DataType.Uint8 : (DataType)tensor.DataType, source);
        if (tensor.DataType is > LastByteType and <= LastHalfByteType)
            bytes = (bytes / 2) + (bytes % 2);
        long elements = text || newer ? bytes : bytes / OnnxElementTypes.BytesPerElement((DataType)tensor.DataType, tensor.Name);
        (int Count, string Field) typed = TypedField(tensor);
        long typedTotal = (long)tensor.FloatData.Count + tensor.DoubleData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.Uint64Data.Count
            + tensor.StringData.Count;
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            if (text || typedTotal > 0 || raw > 0)
                throw Refuse(tensor, source, "lies in a file, but has values in the model too, or is text");
            external.Check(tensor, bytes);
        }
        else if (tensor.HasRawData && !text)
        {
            if (raw != bytes || typedTotal > 0)
                throw Refuse(tensor, source, $"of shape [{string.Join(", ", tensor.Dims)}] takes {bytes} bytes, but has {raw} in raw_data and {typedTotal} values elsewhere");
        }
        else if (typed.Count != Values(tensor, elements) || typed.Count != typedTotal || raw > 0)
        {
            throw Refuse(tensor, source, $"of shape [{string.Join(", ", tensor.Dims)}] takes {Values(tensor, elements)} values in {typed.Field}, but has {typed.Count} there and {typedTotal} in all");
        }
    }

    private static long ByteLength(TensorProto tensor, DataType type, string source)
    {
        try
        {
            return OnnxElementTypes.ByteLength(type, tensor.Dims, tensor.Name);
        }
        catch (OnnxFormatException e)
        {
            throw new OnnxFormatException($"'{source}' is refused: {e.Message}", e);
        }
    }

    private static Int128 Values(TensorProto tensor, long elements)
        => (DataType)tensor.DataType is DataType.Complex64 or DataType.Complex128 ? 2 * (Int128)elements : elements;

    private static (int Count, string Field) TypedField(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float or DataType.Complex64 => (tensor.FloatData.Count, "float_data"),
        DataType.Double or DataType.Complex128 => (tensor.DoubleData.Count, "double_data"),
        DataType.Int64 => (tensor.Int64Data.Count, "int64_data"),
        DataType.Uint64 or DataType.Uint32 => (tensor.Uint64Data.Count, "uint64_data"),
        DataType.String => (tensor.StringData.Count, "string_data"),
        _ => (tensor.Int32Data.Count, "int32_data"),
    };

    private static OnnxFormatException Refuse(TensorProto tensor, string source, string reason) => new($"'{source}' is refused: its tensor '{tensor.Name}' {reason}.");
}
