using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// PNG with 16 bits a sample, of which the upper eight are kept, as Pillow does for colour. Codecs disagree here (some round, some convert
/// gamma; libpng's
/// simplified API, as many systems have it, gives wrong pixels for interlaced files with alpha), so these rare files are read by this one
/// reader on every stack.
/// </summary>
internal static class WidePng
{
    internal const int BitDepth = 16;

    private const int SampleBytes = BitDepth / 8;

    internal static RgbImage Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout)
    {
        using var data = new PngData(encoded);
        var pixelBytes = header.Components * SampleBytes;
        var longest = checked(header.Width * pixelBytes);
        var rows = ArrayPool<byte>.Shared.Rent(2 * (longest + 1));
        try
        {
            var image = new RgbImage(header.Width, header.Height);
            foreach (var pass in Adam7.Passes(layout.Interlaced))
            {
                var columns = pass.Columns(header.Width);
                if (columns == 0)
                {
                    continue;
                }

                var row = rows.AsSpan(0, (columns * pixelBytes) + 1);
                var above = rows.AsSpan(longest + 1, columns * pixelBytes);
                above.Clear();
                for (var y = pass.Top; y < header.Height; y += pass.Down)
                {
                    data.Read(row);
                    PngFilters.Undo(row[0], row[1..], above, pixelBytes);
                    row[1..].CopyTo(above);
                    var output = image.Pixels.AsSpan(((y * image.Width) + pass.Left) * RgbImage.Channels);
                    KeepUpperBytes(above, header.Components, output, pass.Across * RgbImage.Channels);
                }
            }

            return image;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rows);
        }
    }

    private static void KeepUpperBytes(ReadOnlySpan<byte> row, int components, Span<byte> output, int step)
    {
        var pixelBytes = components * SampleBytes;
        var isColor = components >= RgbImage.Channels;
        for (int i = 0, o = 0; i < row.Length; i += pixelBytes, o += step)
        {
            output[o] = row[i];
            output[o + 1] = row[isColor ? i + SampleBytes : i];
            output[o + 2] = row[isColor ? i + (2 * SampleBytes) : i];
        }
    }
}
