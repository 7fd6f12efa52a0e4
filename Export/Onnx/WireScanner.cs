using Google.Protobuf.Reflection;

namespace AlexNetMl.Onnx;

/// <summary>
/// Walks over protobuf's wire format without building anything: tags and lengths are read, contents are skipped. Every length is held
/// against what is left of the message around it.
/// </summary>
/// <param name="stream">Seekable.</param>
/// <param name="source">What errors call the stream.</param>
internal sealed class WireScanner(Stream stream, string source)
{
    public const int Varint = 0;
    public const int LengthDelimited = 2;

    private const int Fixed64 = 1;
    private const int Fixed32 = 5;

    public long Position => stream.Position;

    public long Length { get; } = stream.Length;

    /// <summary>
    /// Checks the lengths of a message and of all messages in it. The protobuf library adds lengths up in 32 bits and reserves room
    /// for packed numbers before it sees them, so that ten bytes can make it ask for 2 GB; behind this check it cannot.
    /// </summary>
    public void Check(MessageDescriptor message, long end, int depth)
    {
        if (depth == 0)
        {
            throw new OnnxFormatException($"'{source}' nests messages too deeply for an ONNX model.");
        }

        while (stream.Position < end)
        {
            (ulong field, int wireType) = ReadTag(end);
            if (wireType != LengthDelimited)
            {
                SkipField(wireType, end);
                continue;
            }

            long length = ReadLength(end);
            if (message.FindFieldByNumber((int)field) is { FieldType: FieldType.Message } known)
            {
                Check(known.MessageType, stream.Position + length, depth - 1);
            }
            else
            {
                stream.Seek(length, SeekOrigin.Current);
            }
        }
    }

    public (ulong Field, int WireType) ReadTag(long end)
    {
        ulong tag = ReadVarint(end);
        ulong field = tag >> 3;
        return field is > 0 and < 1UL << 29
            ? (field, (int)(tag & 7))
            : throw new OnnxFormatException($"'{source}' is not an ONNX model: it has a field numbered {field}.");
    }

    public long ReadLength(long end)
    {
        ulong length = ReadVarint(end);
        return length <= (ulong)(end - stream.Position)
            ? (long)length
            : throw new OnnxFormatException(
                $"'{source}' ends early or is damaged: a field of {length} bytes begins where {end - stream.Position} are left.");
    }

    public byte[] ReadBytes(long length)
    {
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public void SkipField(int wireType, long end)
    {
        long length = wireType switch
        {
            Varint => 0,
            Fixed32 => 4,
            Fixed64 => 8,
            LengthDelimited => ReadLength(end),
            _ => throw new OnnxFormatException($"'{source}' is not an ONNX model: it has a field of wire type {wireType}."),
        };
        if (wireType == Varint)
        {
            ReadVarint(end);
        }
        else if (length > end - stream.Position)
        {
            throw Early();
        }
        else
        {
            stream.Seek(length, SeekOrigin.Current);
        }
    }

    private ulong ReadVarint(long end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.Position < end ? stream.ReadByte() : -1;
            if (next < 0)
            {
                throw Early();
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new OnnxFormatException($"'{source}' is not an ONNX model: a number in it has more than ten bytes.");
    }

    private OnnxFormatException Early() => new($"'{source}' ends early or is damaged.");
}
