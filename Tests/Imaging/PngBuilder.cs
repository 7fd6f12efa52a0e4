using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AlexNetMl.Imaging.Tests;

/// <summary>PNG files chunk by chunk, also ones that no encoder would write.</summary>
internal static class PngBuilder
{
    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    internal static byte[] Encode(uint width, uint height, byte depth, byte color, byte[] rows)
    {
        using var file = new MemoryStream();
        file.Write(Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = depth;
        header[9] = color;
        file.Write(Chunk("IHDR", header));
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        file.Write(Chunk("IDAT", data.ToArray()));
        file.Write(Chunk("IEND", []));
        return file.ToArray();
    }

    /// <summary>The same file with other filtered rows, packed anew so that they get past zlib's own checks.</summary>
    internal static byte[] ReplaceRows(byte[] file, Func<byte[], byte[]> change)
    {
        using var packed = new MemoryStream();
        using var others = new MemoryStream();
        for (var position = Signature.Length; position < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(position));
            var chunk = file.AsSpan(position, length + 12);
            position += chunk.Length;
            if (chunk[4..8].SequenceEqual("IDAT"u8))
            {
                packed.Write(chunk[8..^4]);
            }
            else if (position < file.Length)
            {
                others.Write(chunk);
            }
        }

        packed.Position = 0;
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Decompress))
        {
            zlib.CopyTo(rows);
        }

        using var changed = new MemoryStream();
        using (var zlib = new ZLibStream(changed, CompressionLevel.Fastest))
        {
            zlib.Write(change(rows.ToArray()));
        }

        return [.. Signature, .. others.ToArray(), .. Chunk("IDAT", changed.ToArray()), .. Chunk("IEND", [])];
    }

    /// <summary>Makes every chunk's check sum right again, as far as chunks can be followed.</summary>
    internal static void RepairChecksums(Span<byte> file)
    {
        var position = Signature.Length;
        while (position + 12 <= file.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[position..]);
            if (length > file.Length - position - 12)
            {
                return;
            }

            var end = position + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(file[end..], SlowCrc(file[(position + 4)..end]));
            position = end + 4;
        }
    }

    // The sample code of the PNG specification's Annex D in its simplest form: bit by bit.
    private static uint SlowCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    internal static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), SlowCrc(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }
}
