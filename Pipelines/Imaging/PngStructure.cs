using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>The chunks of a PNG file (ISO/IEC 15948, section 5), walked without decoding.</summary>
internal static class PngStructure
{
    internal const uint HeaderChunk = 0x49484452;    // IHDR
    internal const uint PaletteChunk = 0x504c5445;   // PLTE
    internal const uint DataChunk = 0x49444154;      // IDAT
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
        long data = 0;
        var ancillary = false;
        var palette = false;
        while (true)
        {
            var chunk = NextChunk(encoded, ref position);
            if (chunk.Type == EndChunk)
            {
                break;
            }

            ancillary |= IsAncillary(chunk.Type);
            palette |= chunk.Type == PaletteChunk;
            data += chunk.Type == DataChunk ? chunk.Length : 0;
        }

        if (data == 0)
        {
            throw new ImageFormatException("PNG data holds no picture data (IDAT)");
        }

        if (IsPalette(encoded) && !palette)
        {
            throw new ImageFormatException("PNG picture has palette colours but no palette (PLTE)");
        }

        var interlaced = encoded[Signature.Length + 8 + 12] == 1;
        if (Adam7.DataLength(header, interlaced) > (data * LargestExpansion) + LargestExpansion)
        {
            throw new ImageFormatException($"{EndsEarly}: {data} compressed bytes cannot hold {header.Width} x {header.Height} pixels");
        }

        return new PngLayout(position, ancillary, interlaced);
    }

    /// <summary>
    /// Copies all but the ancillary chunks. Codecs convert by gamma and profile chunks, compose by transparency and animation chunks, or
    /// unpack text; loaders
    /// of training pictures take the stored samples. Without those chunks every codec does.
    /// </summary>
    /// <returns>Bytes written.</returns>
    internal static int CopyCriticalChunks(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        var position = Signature.Length;
        encoded[..position].CopyTo(destination);
        var written = position;
        while (position < encoded.Length)
        {
            var start = position;
            var chunk = NextChunk(encoded, ref position);
            if (!IsAncillary(chunk.Type))
            {
                encoded[start..position].CopyTo(destination[written..]);
                written += position - start;
            }
        }

        return written;
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

/// <summary>Where the file's last chunk ends, whether it holds chunks that decoding does not need, and whether its rows are
/// interlaced.</summary>
internal readonly record struct PngLayout(int End, bool HasAncillaryChunks, bool Interlaced);
