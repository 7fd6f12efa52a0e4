using AlexNetMl.Imaging;
using System.Formats.Tar;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Training;

/// <summary>Where a picture stands in a shard.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Name">The entry's name.</param>
/// <param name="Offset">First byte in the shard.</param>
/// <param name="Length">Its length.</param>
/// <param name="Label">The text of its label.</param>
internal readonly record struct ShardEntry(int Shard, string Name, long Offset, long Length, string Label);

/// <summary>Finds pictures and labels in a tar file without reading the pictures.</summary>
internal static class TarIndex
{
    private const int Block = 512;
    private const int LongestLabel = 1024;

    // Of a tar's extended headers (long names, attributes). The reader would take whatever length they claim.
    private const long LongestExtension = 1 << 20;

    /// <summary>Lists a shard's pictures in their order.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut off, or pictures and labels do not pair up.</exception>
    internal static List<ShardEntry> Read(string path, int shard)
    {
        var pictures = new Dictionary<string, (string Name, long Offset, long Length)>(StringComparer.Ordinal);
        var labels = new Dictionary<string, (string Name, string Text)>(StringComparer.Ordinal);
        var texts = new HashSet<string>(StringComparer.Ordinal);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, Block);
        using var reader = new TarReader(stream, leaveOpen: true);
        long length = stream.Length;
        string previous = "its start";
        while (Next(reader, stream, path, previous) is { } entry)
        {
            string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            previous = $"entry '{name}'";
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                continue;
            (long start, long size) = (entry.DataOffset, entry.Length);
            if (size < 0 || (size > 0 && (start < Block || size > length - start)))
                throw new InvalidDataException($"The shard '{path}' is cut off in {previous}: copy or make it again.");
            (string key, string extension) = Split(name);
            if (ImageFile.Extensions.Contains("." + extension))
            {
                if (!pictures.TryAdd(key, (name, start, size)))
                    throw new InvalidDataException($"{path}:{name}: the shard has two pictures with the key '{key}': give each one of its own.");
            }
            else if (extension == "cls")
            {
                string text = ReadLabel(stream.SafeFileHandle, path, name, start, size);
                texts.Add(text);
                if (!labels.TryAdd(key, (name, texts.TryGetValue(text, out string? same) ? same : text)))
                    throw new InvalidDataException($"{path}:{name}: the shard has two labels with the key '{key}': give each picture one.");
            }
        }

        var entries = new List<ShardEntry>(pictures.Count);
        foreach ((string key, (string name, long offset, long size)) in pictures)
        {
            if (!labels.Remove(key, out var label))
                throw new InvalidDataException($"{path}:{name}: the picture has no label: add an entry '{key}.cls'.");
            entries.Add(new ShardEntry(shard, name, offset, size, label.Text));
        }
        if (labels.Count > 0)
            throw new InvalidDataException($"{path}:{labels.First().Value.Name}: the label has no picture: add an entry '{labels.First().Key}.jpg' or .png.");
        entries.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        return entries;
    }

    private static TarEntry? Next(TarReader reader, FileStream stream, string path, string previous)
    {
        long position = stream.Position;
        CheckExtensions(stream.SafeFileHandle, position, stream.Length, path, previous);
        TarEntry? entry;
        try
        {
            entry = reader.GetNextEntry();
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"The shard '{path}' is cut off after {previous}: copy or make it again.", exception);
        }
        // What the reader throws at damaged headers is not of one type.
        catch (Exception exception) when (exception is InvalidDataException or FormatException or ArgumentException or InvalidOperationException or OverflowException or NotSupportedException or IOException)
        {
            throw new InvalidDataException($"The shard '{path}' is damaged after {previous}: copy or make it again ({exception.Message}).", exception);
        }
        if (entry is null && position + Block > stream.Length)
            throw new InvalidDataException($"The shard '{path}' is cut off after {previous}, its end mark is missing: copy or make it again.");
        return entry;
    }

    private static void CheckExtensions(SafeFileHandle file, long position, long length, string path, string previous)
    {
        Span<byte> header = stackalloc byte[Block];
        while (position >= 0 && position <= length - Block && RandomAccess.Read(file, header, position) == Block && header[156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K')
        {
            long size = 0;
            foreach (byte digit in header.Slice(124, 12))
            {
                if (digit is >= (byte)'0' and <= (byte)'7')
                    size = size * 8 + digit - '0';
                else if (digit >= 0x80)
                    size = long.MaxValue;               // a binary size: none of 12 digits would do
                if (size > LongestExtension)
                    throw new InvalidDataException($"The shard '{path}' is damaged after {previous}: an extended header of more than {LongestExtension} bytes; copy or make it again.");
            }
            position += Block + (size + Block - 1) / Block * Block;
        }
    }

    private static (string Key, string Extension) Split(string name)
    {
        int dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }

    private static string ReadLabel(SafeFileHandle file, string path, string name, long start, long size)
    {
        if (size is < 1 or > LongestLabel)
            throw new InvalidDataException($"{path}:{name}: a label of {size} bytes: a whole number or a class name of 1 to {LongestLabel} bytes is expected.");
        Span<byte> bytes = stackalloc byte[(int)size];
        string text = RandomAccess.Read(file, bytes, start) == size ? Encoding.UTF8.GetString(bytes).Trim() : "";
        return text.Length > 0 ? text : throw new InvalidDataException($"{path}:{name}: the label is empty: a whole number or a class name is expected.");
    }
}
