using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Initializers that came out of a file, whichever of the format's two ways their elements are stored in.</summary>
internal static class ProtoTensor
{
    /// <summary>Moves a graph's initializers out of it as sources; texts stay.</summary>
    public static IOnnxTensorSource[] Take(GraphProto graph)
    {
        TensorProto[] texts = [.. graph.Initializer.Where(tensor => tensor.DataType == (int)DataType.String)];
        IOnnxTensorSource[] sources = [.. graph.Initializer.Where(tensor => tensor.DataType != (int)DataType.String).Select(Source)];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(texts);
        return sources;
    }

    private static IOnnxTensorSource Source(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            throw new OnnxFormatException($"The initializer '{tensor.Name}' lies in a file of its own; only models in one file can be edited.");
        }

        var type = (DataType)tensor.DataType;
        if (tensor.HasRawData)
        {
            return Checked(tensor, type, tensor.RawData.Memory);
        }

        return type switch
        {
            DataType.Float => Checked(tensor, type, Bytes<float>(tensor.FloatData, BinaryPrimitives.WriteSingleLittleEndian)),
            DataType.Int64 => Checked(tensor, type, Bytes<long>(tensor.Int64Data, BinaryPrimitives.WriteInt64LittleEndian)),
            DataType.Double => Checked(tensor, type, Bytes<double>(tensor.DoubleData, BinaryPrimitives.WriteDoubleLittleEndian)),
            DataType.Int32 => Checked(tensor, type, Bytes<int>(tensor.Int32Data, BinaryPrimitives.WriteInt32LittleEndian)),
            DataType.Int8 or DataType.Uint8 or DataType.Bool => Checked(tensor, type, tensor.Int32Data.Select(v => (byte)v).ToArray()),
            DataType.Float16 or DataType.Int16 or DataType.Uint16 or DataType.Bfloat16 => Checked(
                tensor, type, Bytes<int>(tensor.Int32Data, (span, value) => BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)value), 2)),
            _ => throw new OnnxFormatException($"The initializer '{tensor.Name}' has elements of type {type}, which cannot be edited."),
        };
    }

    /// <summary>A source's elements as float32 values.</summary>
    /// <exception cref="OnnxFormatException">The source is not float32.</exception>
    public static float[] Floats(IOnnxTensorSource source)
    {
        if (source.ElementType != DataType.Float)
        {
            throw new OnnxFormatException($"The initializer '{source.Name}' is {source.ElementType}; float32 was expected here.");
        }

        float[] values = new float[source.ByteLength / sizeof(float)];
        using var bytes = new MemoryStream(checked((int)source.ByteLength));
        OnnxModelWriter.CopyExactly(source, bytes);
        ReadOnlySpan<byte> span = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(span[(i * sizeof(float))..]);
        }

        return values;
    }

    private delegate void Writer<T>(Span<byte> destination, T value);

    private static byte[] Bytes<T>(IReadOnlyCollection<T> values, Writer<T> write, int width = 0)
        where T : unmanaged
    {
        width = width == 0 ? Marshal.SizeOf<T>() : width;
        byte[] bytes = new byte[checked(values.Count * width)];
        int at = 0;
        foreach (T value in values)
        {
            write(bytes.AsSpan(at, width), value);
            at += width;
        }

        return bytes;
    }

    private static IOnnxTensorSource Checked(TensorProto tensor, DataType type, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return OnnxTensor.Create(tensor.Name, type, tensor.Dims, bytes);
        }
        catch (ArgumentException e)
        {
            throw new OnnxFormatException(e.Message, e);
        }
    }
}
