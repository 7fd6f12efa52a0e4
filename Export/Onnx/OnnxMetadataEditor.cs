using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>
/// Changes a file's metadata entries and nothing else. In protobuf's format a message's fields may come in any order and a repeated field in
/// several places, so entries go at the end of the file and the graph's bytes stay what they were.
/// </summary>
internal static class OnnxMetadataEditor
{
    public static void Append(string path, IReadOnlyDictionary<string, string> entries)
    {
        IReadOnlyDictionary<string, string> present = OnnxFile.ReadMetadata(path);
        if (entries.Keys.FirstOrDefault(present.ContainsKey) is { } twice)
        {
            throw new OnnxFormatException($"'{path}' has a metadata entry '{twice}' already; replace it with SetMetadata.");
        }

        byte[] bytes = Serialize(entries);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        long length = stream.Length;
        OnnxFile.RefuseOverlong(length + bytes.Length, path);
        try
        {
            stream.Seek(0, SeekOrigin.End);
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }
        catch
        {
            stream.SetLength(length);
            throw;
        }
    }

    public static void Set(string path, IReadOnlyDictionary<string, string> entries)
    {
        OnnxFile.ReadMetadata(path); // refuses what is not a model before anything is written
        byte[] bytes = Serialize(entries);
        OnnxFile.RefuseOverlong(new FileInfo(path).Length + bytes.Length, path);
        AtomicFile.Write(path, output =>
        {
            using FileStream input = File.OpenRead(path);
            foreach ((long start, long end) in Kept(input, path, entries))
            {
                Copy(input, start, end, output);
            }

            output.Write(bytes);
        }, beforeCommit: null);
    }

    /// <summary>The stretches of the file without the entries that are replaced.</summary>
    private static List<(long Start, long End)> Kept(FileStream input, string path, IReadOnlyDictionary<string, string> replaced)
    {
        var kept = new List<(long, long)>();
        var scanner = new WireScanner(input, path);
        long start = 0;
        while (scanner.Position < scanner.Length)
        {
            long field = scanner.Position;
            (ulong number, int wireType) = scanner.ReadTag(scanner.Length);
            if (number != ModelProto.MetadataPropsFieldNumber || wireType != WireScanner.LengthDelimited)
            {
                scanner.SkipField(wireType, scanner.Length);
                continue;
            }

            byte[] entry = scanner.ReadBytes(scanner.ReadLength(scanner.Length));
            if (replaced.ContainsKey(StringStringEntryProto.Parser.ParseFrom(entry).Key))
            {
                kept.Add((start, field));
                start = scanner.Position;
            }
        }

        kept.Add((start, scanner.Length));
        return kept;
    }

    private static void Copy(FileStream input, long start, long end, Stream output)
    {
        input.Position = start;
        byte[] buffer = new byte[1 << 16];
        for (long left = end - start; left > 0;)
        {
            int read = input.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw new OnnxFormatException($"'{input.Name}' became shorter while it was read.");
            }

            output.Write(buffer, 0, read);
            left -= read;
        }
    }

    private static byte[] Serialize(IReadOnlyDictionary<string, string> entries)
    {
        var proto = new ModelProto();
        foreach ((string key, string value) in entries)
        {
            ArgumentException.ThrowIfNullOrEmpty(key, nameof(entries));
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return proto.ToByteArray();
    }
}
