namespace AlexNetMl.Imaging;

/// <summary>
/// Runs of pixels of one colour, BI_RLE8 and BI_RLE4. Pixels that are jumped over have colour 0; the data may end early only where it says that it ends.
/// </summary>
internal static class BmpRunLengths
{
    private const string EndsEarly = "BMP data ends early";
    private const byte EndOfLine = 0;
    private const byte EndOfBitmap = 1;
    private const byte Jump = 2;

    internal static void Decode(ReadOnlySpan<byte> data, in BmpHeader header, ReadOnlySpan<byte> palette, Span<byte> row, Span<byte> rgb)
    {
        Palettes.Fill(palette, 0, rgb);
        var isNibbles = header.Compression == BmpCompression.RunLength4;
        int x = 0, y = 0, position = 0;
        Span<byte> run = stackalloc byte[256];
        while (y < header.Height)
        {
            if (data.Length - position < 2)
            {
                throw new ImageFormatException(EndsEarly);
            }

            int count = data[position], value = data[position + 1];
            position += 2;
            if (count > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    run[i] = (byte)(!isNibbles ? value : (i & 1) == 0 ? value >> 4 : value & 15);
                }
            }
            else if (value == EndOfLine)
            {
                (x, y) = (0, y + 1);
                continue;
            }
            else if (value == EndOfBitmap)
            {
                return;
            }
            else if (value == Jump)
            {
                (x, y) = (x + Byte(data, ref position), y + Byte(data, ref position));
                continue;
            }
            else
            {
                count = value;
                var bytes = isNibbles ? (count + 1) / 2 : count;
                var padded = (bytes + 1) & ~1;
                if (data.Length - position < bytes)
                {
                    throw new ImageFormatException(EndsEarly);
                }

                SmallSamples.Unpack(data.Slice(position, bytes), header.Bits, run[..count]);
                position = Math.Min(position + padded, data.Length);
            }

            // What does not fit the row is dropped.
            var fits = Math.Clamp(header.Width - x, 0, count);
            Palettes.Expand(palette, run[..fits], BmpReader.Row(rgb, header, y)[(Math.Min(x, header.Width) * RgbImage.Channels)..]);
            x += count;
            if (x >= header.Width && IsAtEnd(data, position, y, header.Height))
            {
                return;
            }
        }
    }

    // Encoders leave the last markers out now and then, behind the last pixel.
    private static bool IsAtEnd(ReadOnlySpan<byte> data, int position, int y, int height) => y == height - 1 && data.Length - position < 2;

    private static int Byte(ReadOnlySpan<byte> data, ref int position) =>
        position < data.Length ? data[position++] : throw new ImageFormatException(EndsEarly);
}
