using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>The chunks of a PNG file (ISO/IEC 15948, section 5), walked without decoding.</summary>
internal static class PngStructure
{
    internal const uint HeaderChunk = 0x49484452;    // IHDR
    internal const uint PaletteChunk = 0x504c5445;   // PLTE
    internal const uint DataChunk = 0x49444154;      // IDAT
    internal const uint ExifChunk = 0x65584966;      // eXIf
    internal const uint EndChunk = 0x49454e44;       // IEND
    internal const int ChunkOverhead = 12;           // length, type, CRC

    private const string EndsEarly = "PNG data ends early";
    private const int PaletteColor = 3;

    // Deflate's best case: 258 bytes from two bits, RFC 1951 section 3.2.5.
    private const long LargestExpansion = 1032;

    internal static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    internal static bool IsPng(ReadOnlySpan<byte> encoded) => encoded.StartsWith(Signature);

    /// <summary>Reads and checks IHDR (section 11.2.2).</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var position = Signature.Length;
        var chunk = NextChunk(encoded, ref position);
        if (chunk.Type != HeaderChunk || chunk.Length != 13)
        {
            throw new ImageFormatException("PNG data does not start with a header chunk (IHDR) of 13 bytes");
        }

        var header = encoded.Slice(chunk.Start, chunk.Length);
        var width = BinaryPrimitives.ReadUInt32BigEndian(header);
        var height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new ImageFormatException($"PNG header says {width} x {height} pixels: both sides must be between 1 and {int.MaxValue}");
        }

        int depth = header[8];
        int color = header[9];
        if (!IsAllowed(color, depth))
        {
            throw new ImageFormatException($"PNG colour type {color} with {depth} bits does not exist");
        }

        if (header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw new ImageFormatException(
                $"PNG compression {header[10]}, filter {header[11]}, interlace {header[12]} does not exist: 0, 0 and 0 or 1 do");
        }

        var components = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        return new ImageHeader(EncodedFormat.Png, (int)width, (int)height, components, depth);
    }

    /// <summary>Makes sure that all chunks up to IEND are there and could hold the picture, so that a header alone cannot ask for
    /// memory.</summary>
    /// <returns>What a decoder needs to know about the chunks.</returns>
    internal static PngLayout RequireEnd(ReadOnlySpan<byte> encoded, in ImageHeader header)
    {
        var position = Signature.Length;
        var layout = new PngLayout { Interlaced = encoded[Signature.Length + 8 + 12] == 1 };
        long data = 0;
        while (true)
        {
            var chunk = NextChunk(encoded, ref position);
            if (chunk.Type == EndChunk)
            {
                layout = layout with { End = position };
                break;
            }

            switch (chunk.Type)
            {
                case HeaderChunk:
                    RequireChecksum(encoded, chunk, "IHDR");
                    break;
                case DataChunk:
                    data += chunk.Length;
                    break;
                case PaletteChunk:
                    layout = layout with { PaletteStart = chunk.Start, PaletteBytes = ReadPalette(encoded, chunk) };
                    break;
                case ExifChunk:
                    layout = layout with { Orientation = ExifOrientation.Read(encoded.Slice(chunk.Start, chunk.Length)) };
                    break;
                case var type when !IsAncillary(type):
                    throw new ImageFormatException($"PNG chunk {type:x8} is not known and says that a picture cannot be shown without it");
            }
        }

        if (data == 0)
        {
            throw new ImageFormatException("PNG data holds no picture data (IDAT)");
        }

        if (!IsPalette(encoded))
        {
            // What colours suggest to those who can show few.
            layout = layout with { PaletteBytes = 0 };
        }
        else if (!layout.HasPalette)
        {
            throw new ImageFormatException("PNG picture has palette colours but no palette (PLTE)");
        }

        return Adam7.DataLength(header, layout.Interlaced) <= (data * LargestExpansion) + LargestExpansion
            ? layout
            : throw new ImageFormatException($"{EndsEarly}: {data} compressed bytes cannot hold {header.Width} x {header.Height} pixels");
    }

    /// <summary>Compares a chunk's check sum with its content (section 5.3).</summary>
    internal static void RequireChecksum(ReadOnlySpan<byte> encoded, in PngChunk chunk, string name)
    {
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(encoded[(chunk.Start + chunk.Length)..]);
        if (Crc32.Compute(encoded.Slice(chunk.Start - 4, chunk.Length + 4)) != checksum)
        {
            throw new ImageFormatException($"PNG data cannot be decoded: {name}: CRC error");
        }
    }

    private static int ReadPalette(ReadOnlySpan<byte> encoded, in PngChunk chunk)
    {
        RequireChecksum(encoded, chunk, "PLTE");
        return chunk.Length is > 0 and <= Palettes.Bytes && chunk.Length % RgbImage.Channels == 0
            ? chunk.Length
            : throw new ImageFormatException($"PNG palette has {chunk.Length} bytes: 3 to {Palettes.Bytes} in threes are possible");
    }

    /// <summary>The chunk at <paramref name="position"/>, which moves to the one behind it.</summary>
    internal static PngChunk NextChunk(ReadOnlySpan<byte> encoded, ref int position)
    {
        if (encoded.Length - position < ChunkOverhead)
        {
            throw new ImageFormatException(EndsEarly);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(encoded[position..]);
        if (length > encoded.Length - position - ChunkOverhead)
        {
            throw new ImageFormatException(EndsEarly);
        }

        var chunk = new PngChunk(BinaryPrimitives.ReadUInt32BigEndian(encoded[(position + 4)..]), position + 8, (int)length);
        position += (int)length + ChunkOverhead;
        return chunk;
    }

    /// <summary>Ancillary chunks (gamma, profiles, text, transparency) have bit 5 of their first letter set (section 5.4).</summary>
    internal static bool IsAncillary(uint type) => (type & 0x20000000) != 0;

    private static bool IsPalette(ReadOnlySpan<byte> encoded) => encoded[Signature.Length + 8 + 9] == PaletteColor;

    private static bool IsAllowed(int color, int depth) => color switch
    {
        0 => depth is 1 or 2 or 4 or 8 or 16,
        PaletteColor => depth is 1 or 2 or 4 or 8,
        2 or 4 or 6 => depth is 8 or 16,
        _ => false,
    };
}

/// <summary>One chunk: its type as a big-endian number, and where its data stands.</summary>
internal readonly record struct PngChunk(uint Type, int Start, int Length);

/// <summary>What a decoder needs to know about the chunks.</summary>
internal readonly record struct PngLayout()
{
    /// <summary>Where the file's last chunk ends.</summary>
    internal int End { get; init; }

    internal bool Interlaced { get; init; }

    internal int PaletteStart { get; init; }

    /// <summary>Bytes of the palette that the picture's samples are indices of; 0 where there is none.</summary>
    internal int PaletteBytes { get; init; }

    internal bool HasPalette => PaletteBytes > 0;

    internal ImageOrientation Orientation { get; init; } = ImageOrientation.TopLeft;
}
