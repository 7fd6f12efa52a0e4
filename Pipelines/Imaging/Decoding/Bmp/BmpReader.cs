using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace AlexNetMl.Imaging;

/// <summary>Windows and OS/2 bitmaps, with the pixels that Pillow gives: a colour of fewer than 8 bits is stretched and rounded down, alpha is dropped.</summary>
internal static class BmpReader
{
    internal static void Decode(ReadOnlySpan<byte> encoded, in BmpHeader header, Span<byte> rgb)
    {
        if (!header.HasPalette)
        {
            DecodeColors(encoded, header, rgb);
            return;
        }

        Span<byte> palette = stackalloc byte[Palettes.Bytes];
        FillPalette(encoded, header, palette);
        var indices = ArrayPool<byte>.Shared.Rent(header.Width);
        try
        {
            if (header.Compression == BmpCompression.None)
            {
                DecodeIndices(encoded, header, palette, indices.AsSpan(0, header.Width), rgb);
            }
            else
            {
                BmpRunLengths.Decode(encoded[header.Data..], header, palette, indices.AsSpan(0, header.Width), rgb);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(indices);
        }
    }

    /// <summary>Where the row that comes <paramref name="number"/>th in the file is in the picture.</summary>
    internal static Span<byte> Row(Span<byte> rgb, in BmpHeader header, int number)
    {
        var rowBytes = header.Width * RgbImage.Channels;
        return rgb.Slice((header.TopDown ? number : header.Height - 1 - number) * rowBytes, rowBytes);
    }

    private static void FillPalette(ReadOnlySpan<byte> encoded, in BmpHeader header, Span<byte> palette)
    {
        Palettes.FillGray(palette);
        for (var i = 0; i < header.PaletteColors; i++)
        {
            var color = encoded.Slice(header.PaletteStart + (i * header.PaletteColorBytes), RgbImage.Channels);
            (palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]) = (color[2], color[1], color[0]);
        }
    }

    private static void DecodeIndices(ReadOnlySpan<byte> encoded, in BmpHeader header, ReadOnlySpan<byte> palette, Span<byte> indices, Span<byte> rgb)
    {
        for (var y = 0; y < header.Height; y++)
        {
            var row = encoded.Slice(header.Data + (int)(y * header.Stride), (int)header.Stride);
            SmallSamples.Unpack(row, header.Bits, indices);
            Palettes.Expand(palette, indices, Row(rgb, header, y));
        }
    }

    private static void DecodeColors(ReadOnlySpan<byte> encoded, in BmpHeader header, Span<byte> rgb)
    {
        var (red, green, blue) = header.Masks;
        var bytes = header.Bits / 8;
        var isPlain = header.Masks == (0xff0000u, 0xff00u, 0xffu) && bytes >= RgbImage.Channels;
        for (var y = 0; y < header.Height; y++)
        {
            var row = encoded.Slice(header.Data + (int)(y * header.Stride), header.Width * bytes);
            var output = Row(rgb, header, y);
            for (int i = 0, o = 0; o < output.Length; i += bytes, o += RgbImage.Channels)
            {
                if (isPlain)
                {
                    (output[o], output[o + 1], output[o + 2]) = (row[i + 2], row[i + 1], row[i]);
                    continue;
                }

                var pixel = bytes switch
                {
                    2 => BinaryPrimitives.ReadUInt16LittleEndian(row[i..]),
                    3 => row[i] | ((uint)row[i + 1] << 8) | ((uint)row[i + 2] << 16),
                    _ => BinaryPrimitives.ReadUInt32LittleEndian(row[i..]),
                };
                (output[o], output[o + 1], output[o + 2]) = (Sample(pixel, red), Sample(pixel, green), Sample(pixel, blue));
            }
        }
    }

    private static byte Sample(uint pixel, uint mask)
    {
        var shift = BitOperations.TrailingZeroCount(mask);
        return (byte)((ulong)((pixel & mask) >> shift) * 255 / (mask >> shift));
    }
}
