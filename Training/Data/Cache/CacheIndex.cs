using System.Buffers.Binary;
using System.Text;

namespace AlexNetMl.Training;

/// <summary>
/// Label, checksum and name of every picture of a cache. As a file, little-endian: eight bytes of magic; the number of pictures; for each its label,
/// the CRC-32C of its square and where its name ends in the names (32 bits each); the names, UTF-8, one after the other; the CRC-32C of all that.
/// </summary>
internal sealed class CacheIndex
{
    private const int HeaderBytes = 12, EntryBytes = 12, TailBytes = sizeof(uint);

    private readonly byte[] _bytes;

    private CacheIndex(byte[] bytes, int count) => (_bytes, Count) = (bytes, count);

    private static ReadOnlySpan<byte> Magic => "ANMLPIX1"u8;

    /// <summary>Number of pictures.</summary>
    internal int Count { get; }

    private int NamesStart => HeaderBytes + Count * EntryBytes;

    internal int Label(int index) => BinaryPrimitives.ReadInt32LittleEndian(Entry(index));

    internal uint Checksum(int index) => BinaryPrimitives.ReadUInt32LittleEndian(Entry(index)[4..]);

    internal string Name(int index)
    {
        int start = index == 0 ? 0 : NameEnd(index - 1);
        return Encoding.UTF8.GetString(_bytes, NamesStart + start, NameEnd(index) - start);
    }

    /// <summary>Reads and checks an index.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="count">The number of pictures it should have.</param>
    /// <param name="classes">The number of classes.</param>
    /// <returns>The index, or null where it is damaged.</returns>
    internal static CacheIndex? Read(byte[] bytes, int count, int classes)
    {
        if (bytes.LongLength < HeaderBytes + (long)count * EntryBytes + TailBytes
            || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length)) != count
            || Crc32C.Of(bytes.AsSpan(..^TailBytes)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^TailBytes..)))
            return null;
        var index = new CacheIndex(bytes, count);
        int names = bytes.Length - TailBytes - index.NamesStart, end = 0;
        for (int i = 0; i < count; i++)
        {
            if ((uint)index.Label(i) >= (uint)classes || index.NameEnd(i) < end || index.NameEnd(i) > names)
                return null;
            end = index.NameEnd(i);
        }
        return end == names ? index : null;
    }

    /// <summary>An index as a file's bytes.</summary>
    internal static byte[] Write(IReadOnlyList<(int Label, uint Checksum, string Name)> pictures)
    {
        long names = pictures.Sum(picture => (long)Encoding.UTF8.GetByteCount(picture.Name));
        long length = HeaderBytes + (long)pictures.Count * EntryBytes + names + TailBytes;
        if (length > Array.MaxLength)
            throw new InvalidDataException($"The names of {pictures.Count} pictures take {length} bytes: a cache holds up to {Array.MaxLength}; split the pictures.");
        var bytes = new byte[length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Magic.Length), pictures.Count);
        int entry = HeaderBytes, start = HeaderBytes + pictures.Count * EntryBytes, end = start;
        foreach ((int label, uint checksum, string name) in pictures)
        {
            end += Encoding.UTF8.GetBytes(name, bytes.AsSpan(end));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(entry), label);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry + 4), checksum);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(entry + 8), end - start);
            entry += EntryBytes;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end), Crc32C.Of(bytes.AsSpan(0, end)));
        return bytes;
    }

    private int NameEnd(int index) => BinaryPrimitives.ReadInt32LittleEndian(Entry(index)[8..]);

    private ReadOnlySpan<byte> Entry(int index) => (uint)index < (uint)Count
        ? _bytes.AsSpan(HeaderBytes + index * EntryBytes, EntryBytes)
        : throw new ArgumentOutOfRangeException(nameof(index), $"Picture {index} of {Count}: they are counted from 0.");
}
