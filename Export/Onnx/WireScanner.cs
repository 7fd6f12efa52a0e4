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

    // What a scalar in a list, a field this library does not know, and a text take beside their bytes; all rather too much.
    private const long ListItem = 16;
    private const long Text = 64;
    private const long UnknownField = 160;

    /// <summary>At most how many bytes the objects take that the scanned messages become; at least what is counted so far.</summary>
    public long Memory { get; private set; }

    public long Position => stream.Position;

    public long Length { get; } = stream.Length;

    /// <summary>
    /// Checks the lengths of a message and of all messages in it. The protobuf library adds lengths up in 32 bits and reserves room
    /// for packed numbers before it sees them, so that ten bytes can make it ask for 2 GB; behind this check it cannot. And a message
    /// of two bytes becomes an object of hundreds: what all of them will take is added up and held against a limit.
    /// </summary>
    public void Check(MessageDescriptor message, long end, int depth, long maxMemory)
    {
        if (depth == 0)
        {
            throw new OnnxFormatException($"'{source}' nests messages too deeply for an ONNX model.");
        }

        Memory += 100 + (40 * message.Fields.InDeclarationOrder().Count);

        while (stream.Position < end)
        {
            (ulong field, int wireType) = ReadTag(end);
            FieldDescriptor? known = message.FindFieldByNumber((int)field);
            if (wireType != LengthDelimited)
            {
                SkipField(wireType, end);
                Memory += known is null ? UnknownField : known.IsRepeated ? ListItem : 0;
                continue;
            }

            long length = ReadLength(end);
            Memory += Estimate(known, length);
            if (Memory > maxMemory)
            {
                throw new OnnxFormatException(
                    $"'{source}' would take more than {maxMemory >> 20} MiB of memory, many times its length; "
                    + "keep weights as raw_data, in files of fewer and larger entries.");
            }

            if (known is { FieldType: FieldType.Message })
            {
                Check(known.MessageType, stream.Position + length, depth - 1, maxMemory);
            }
            else
            {
                stream.Seek(length, SeekOrigin.Current);
            }
        }
    }

    // Messages count themselves; a packed number has a byte at least, and its list grows by doubling.
    private static long Estimate(FieldDescriptor? field, long length) => field?.FieldType switch
    {
        null => UnknownField + length,
        FieldType.Message => ListItem,
        FieldType.String => Text + (2 * length),
        FieldType.Float or FieldType.Double => length,
        FieldType.Int32 => 8 * length,
        FieldType.Int64 or FieldType.UInt64 => 16 * length,
        _ => Text + length,
    };

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

    public void MoveTo(long position) => stream.Position = position;

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
