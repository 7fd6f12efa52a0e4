using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Type of its elements.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the end of the header.</param>
/// <param name="ByteLength">Length in bytes.</param>
public sealed record SafeTensorsEntry(string Name, ScalarType ElementType, IReadOnlyList<long> Shape, long Offset, long ByteLength);

/// <summary>
/// What a safetensors file says about itself. Layout: 8 bytes header length, little-endian; the header, JSON padded with spaces to a multiple
/// of 8; the tensors' bytes, little-endian, without holes or overlaps (github.com/huggingface/safetensors, "Format").
/// </summary>
public sealed class SafeTensorsHeader
{
    /// <summary>Longest header that is read, in bytes: the reference implementation's limit.</summary>
    public const long MaxLength = 100_000_000;

    // Far longer than any name; and what lists of tiny entries may take beside the file's own length, of which each becomes many bytes of objects.
    private const int MaxNameLength = 4096;
    private const long SpareMemory = 32 << 20;
    private const long EntryMemory = 640;
    private const long TextMemory = 160;

    internal const string MetadataKey = "__metadata__";

    private static readonly (string Name, ScalarType Type, int Size)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    private SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> tensors, IReadOnlyDictionary<string, string> metadata, long dataStart) =>
        (Tensors, Metadata, DataStart) = (tensors, metadata, dataStart);

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Tensors { get; }

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Position in the file of the first tensor byte.</summary>
    public long DataStart { get; }

    /// <summary>Name and size in bytes of a type in the format.</summary>
    /// <exception cref="ArgumentException">The format has no name for it.</exception>
    internal static (string Name, int Size) Describe(ScalarType type)
    {
        foreach ((string name, ScalarType known, int size) in Types)
        {
            if (known == type)
                return (name, size);
        }
        throw new ArgumentException($"safetensors has no {type}: convert the tensor to one of {string.Join(", ", Types.Select(known => known.Type))}.");
    }

    /// <summary>Reads and checks the header; afterwards every tensor is known to lie inside the file.</summary>
    internal static SafeTensorsHeader Read(Stream stream)
    {
        long fileLength = stream.Length;
        if (fileLength < 8)
            throw new SafeTensorsFormatException($"{fileLength} bytes are too few for a safetensors file, which starts with 8 bytes of header length.");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength)
            throw new SafeTensorsFormatException($"A header of {length} bytes is above the limit of {MaxLength}.");
        if ((long)length > fileLength - 8)
            throw new SafeTensorsFormatException($"The header's {length} bytes reach beyond the end of the file ({fileLength} bytes).");
        var json = new byte[(int)length];
        stream.ReadExactly(json);
        return Parse(json, fileLength - 8 - (long)length, 8 + (long)length);
    }

    /// <summary>Parses and checks a header followed by <paramref name="dataLength"/> bytes.</summary>
    internal static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, long dataStart)
    {
        if (json.Length == 0 || json[0] != (byte)'{')
            throw new SafeTensorsFormatException("The header does not start with '{'.");
        var tensors = new List<SafeTensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long memory = SpareMemory + (2 * (json.Length + dataLength));
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = Name(ref reader);
                if (!seen.Add(name))
                    throw new SafeTensorsFormatException($"The name '{name}' stands twice in the header.");
                reader.Read();
                if (name == MetadataKey)
                    ReadMetadata(ref reader, metadata, ref memory);
                else
                    tensors.Add(ReadEntry(ref reader, name));
                Spend(ref memory, EntryMemory);
            }
            while (reader.Read())
            {
                // Only spaces may follow; anything else makes the reader throw.
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or DecoderFallbackException)
        {
            throw new SafeTensorsFormatException($"The header is not valid JSON: {exception.Message}", exception);
        }
        tensors.Sort(static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.ByteLength.CompareTo(b.ByteLength));
        long end = 0;
        foreach (SafeTensorsEntry tensor in tensors)
        {
            if (tensor.Offset < end)
                throw new SafeTensorsFormatException($"Tensor '{tensor.Name}' starts at byte {tensor.Offset}, inside the one before it, which ends at {end}.");
            if (tensor.Offset > end)
                throw new SafeTensorsFormatException($"Bytes {end} to {tensor.Offset} before tensor '{tensor.Name}' belong to no tensor.");
            if (tensor.ByteLength > dataLength - tensor.Offset)
                throw new SafeTensorsFormatException($"Tensor '{tensor.Name}' ends at byte {tensor.Offset + tensor.ByteLength}, beyond the file's {dataLength} bytes of data.");
            end = tensor.Offset + tensor.ByteLength;
        }
        if (end != dataLength)
            throw new SafeTensorsFormatException($"The file has {dataLength} bytes of data, its tensors {end}.");
        return new SafeTensorsHeader(tensors, metadata, dataStart);
    }

    /// <summary>The bytes before the data: length, JSON, padding.</summary>
    internal static byte[] Write(IEnumerable<SafeTensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[8]);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            foreach (SafeTensorsEntry tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", Describe(tensor.ElementType).Name);
                writer.WriteStartArray("shape");
                foreach (long dimension in tensor.Shape)
                    writer.WriteNumberValue(dimension);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(tensor.Offset);
                writer.WriteNumberValue(tensor.Offset + tensor.ByteLength);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        byte[] bytes = buffer.ToArray();
        if (bytes.Length - 8 > MaxLength)
            throw new ArgumentException($"A header of {bytes.Length - 8} bytes is above the limit of {MaxLength}: write fewer tensors or less metadata.");
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - 8));
        return bytes;
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata, ref long memory)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Refuse(MetadataKey, "is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = Name(ref reader);
            reader.Read();
            Spend(ref memory, TextMemory + (2 * reader.ValueSpan.Length));
            if (reader.TokenType != JsonTokenType.String)
                throw Refuse(MetadataKey, $"holds something other than text under '{key}'");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Refuse(MetadataKey, $"holds '{key}' twice");
        }
    }

    private static SafeTensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Refuse(name, "is not an object");
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = Name(ref reader);
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    if (reader.TokenType != JsonTokenType.String)
                        throw Refuse(name, "has a dtype that is not text");
                    type = Name(ref reader);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, key);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, key);
                    break;
                default:
                    throw new SafeTensorsFormatException($"Tensor '{name}' has '{key}' twice, or no such field exists.");
            }
        }
        if (type is null || shape is null || offsets is null)
            throw Refuse(name, "lacks one of dtype, shape, data_offsets");
        int known = Array.FindIndex(Types, candidate => candidate.Name == type);
        if (known < 0)
            throw Refuse(name, $"has dtype '{type}', which is none of {string.Join(", ", Types.Select(candidate => candidate.Name))}");
        if (offsets.Count != 2 || offsets[0] > offsets[1])
            throw Refuse(name, $"has data_offsets [{string.Join(", ", offsets)}], not a begin and an end");
        Int128 bytes = Types[known].Size;
        foreach (long dimension in shape)
        {
            bytes *= dimension;
            if (bytes > long.MaxValue)
                throw Refuse(name, $"has a shape [{string.Join(", ", shape)}] of more bytes than a file can hold");
        }
        if (bytes != offsets[1] - offsets[0])
            throw Refuse(name, $"has {offsets[1] - offsets[0]} bytes, but its shape [{string.Join(", ", shape)}] of {type} takes {bytes}");
        return new SafeTensorsEntry(name, Types[known].Type, shape, offsets[0], offsets[1] - offsets[0]);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Refuse(name, $"has a {key} that is not a list");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Refuse(name, $"has a {key} with something other than whole numbers from 0");
            numbers.Add(number);
            if (numbers.Count > 64)
                throw Refuse(name, $"has more than 64 numbers in {key}");
        }
        return numbers;
    }

    // Errors quote names, several times over.
    private static string Name(ref Utf8JsonReader reader) => reader.ValueSpan.Length <= MaxNameLength
        ? reader.GetString()!
        : throw new SafeTensorsFormatException($"The header has a name of {reader.ValueSpan.Length} bytes; names are read up to {MaxNameLength}.");

    private static void Spend(ref long memory, long bytes)
    {
        memory -= bytes;
        if (memory < 0)
            throw new SafeTensorsFormatException("The header lists so many small entries that they would take several times the file's length of memory.");
    }

    private static SafeTensorsFormatException Refuse(string name, string problem) => new($"Tensor '{name}' {problem}.");
}
