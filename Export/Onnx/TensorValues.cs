using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>The elements of a checked tensor, from whichever field or file holds them.</summary>
internal static class TensorValues
{
    public static void Read(TensorProto tensor, ExternalData external, Span<float> destination)
    {
        var type = (DataType)tensor.DataType;
        if (IsTyped(tensor))
            ReadTyped(tensor, type, destination);
        else if (type == DataType.Float && BitConverter.IsLittleEndian)
            ReadBytes(tensor, external, MemoryMarshal.AsBytes(destination));
        else
            Convert(Bytes(tensor, external, destination.Length), tensor, type, destination);
    }

    public static void Read(TensorProto tensor, ExternalData external, Span<long> destination)
    {
        var type = (DataType)tensor.DataType;
        if (IsTyped(tensor))
        {
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = type switch
                {
                    DataType.Int64 => tensor.Int64Data[i],
                    DataType.Uint64 or DataType.Uint32 => (long)tensor.Uint64Data[i],
                    DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint16 or DataType.Uint8 or DataType.Bool => tensor.Int32Data[i],
                    _ => throw NotWhole(tensor),
                };
            }
        }
        else if (type == DataType.Int64 && BitConverter.IsLittleEndian)
        {
            ReadBytes(tensor, external, MemoryMarshal.AsBytes(destination));
        }
        else
        {
            ReadOnlySpan<byte> bytes = Bytes(tensor, external, destination.Length);
            int size = OnnxElementTypes.BytesPerElement(type, tensor.Name);
            for (int i = 0; i < destination.Length; i++)
                destination[i] = Whole(bytes[(i * size)..], tensor, type);
        }
    }

    private static void ReadTyped(TensorProto tensor, DataType type, Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = type switch
            {
                DataType.Float => tensor.FloatData[i],
                DataType.Double => (float)tensor.DoubleData[i],
                DataType.Float16 => (float)BitConverter.UInt16BitsToHalf((ushort)tensor.Int32Data[i]),
                DataType.Bfloat16 => BitConverter.UInt32BitsToSingle((uint)tensor.Int32Data[i] << 16),
                DataType.Int64 => tensor.Int64Data[i],
                DataType.Uint64 or DataType.Uint32 => tensor.Uint64Data[i],
                DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint16 or DataType.Uint8 or DataType.Bool => tensor.Int32Data[i],
                _ => throw NotReal(tensor),
            };
        }
    }

    private static void Convert(ReadOnlySpan<byte> bytes, TensorProto tensor, DataType type, Span<float> destination)
    {
        int size = OnnxElementTypes.BytesPerElement(type, tensor.Name);
        for (int i = 0; i < destination.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes[(i * size)..];
            destination[i] = type switch
            {
                DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(element),
                DataType.Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
                DataType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
                DataType.Bfloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
                DataType.Complex64 or DataType.Complex128 or DataType.String => throw NotReal(tensor),
                DataType.Uint64 => BinaryPrimitives.ReadUInt64LittleEndian(element),
                _ => Whole(element, tensor, type),
            };
        }
    }

    private static long Whole(ReadOnlySpan<byte> element, TensorProto tensor, DataType type) => type switch
    {
        DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element),
        DataType.Uint64 => (long)BinaryPrimitives.ReadUInt64LittleEndian(element),
        DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
        DataType.Uint32 => BinaryPrimitives.ReadUInt32LittleEndian(element),
        DataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
        DataType.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(element),
        DataType.Int8 => (sbyte)element[0],
        DataType.Uint8 or DataType.Bool => element[0],
        _ => throw NotWhole(tensor),
    };

    private static bool IsTyped(TensorProto tensor) => tensor.DataLocation != TensorProto.Types.DataLocation.External && !tensor.HasRawData;

    private static void ReadBytes(TensorProto tensor, ExternalData external, Span<byte> destination)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            external.Read(tensor, destination);
        else
            tensor.RawData.Span.CopyTo(destination);
    }

    private static ReadOnlySpan<byte> Bytes(TensorProto tensor, ExternalData external, int elements)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            return tensor.RawData.Span;
        byte[] bytes = new byte[checked(elements * OnnxElementTypes.BytesPerElement((DataType)tensor.DataType, tensor.Name))];
        external.Read(tensor, bytes);
        return bytes;
    }

    private static OnnxFormatException NotReal(TensorProto tensor)
        => new($"The tensor '{tensor.Name}' holds elements of type {(DataType)tensor.DataType}, which are not real numbers.");

    private static OnnxFormatException NotWhole(TensorProto tensor)
        => new($"The tensor '{tensor.Name}' holds elements of type {(DataType)tensor.DataType}, which are not whole numbers.");
}
