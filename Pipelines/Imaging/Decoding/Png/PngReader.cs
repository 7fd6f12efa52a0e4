using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// The pixels of a PNG file: the stored samples, whatever gamma and profiles say, with alpha dropped and the upper eight of 16 bits. One reader on every stack, because
/// codecs disagree here: some convert by gamma, some round 16 bits, some mix the rows of narrow interlaced files up, some paint missing rows black and say nothing.
/// </summary>
internal static class PngReader
{
    private const int WideDepth = 16;

    internal static void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout, Span<byte> rgb)
    {
        using var data = new PngData(encoded);
        var pixelBits = header.Components * header.BitDepth;
        var longest = checked((int)((((long)header.Width * pixelBits) + 7) / 8));
        var buffer = ArrayPool<byte>.Shared.Rent(checked((2 * (longest + 1)) + header.Width));
        try
        {
            Span<byte> palette = stackalloc byte[Palettes.Bytes];
            FillPalette(encoded, header, layout, palette);
            var samples = buffer.AsSpan(2 * (longest + 1), header.Width);
            foreach (var pass in Adam7.Passes(layout.Interlaced))
            {
                var columns = pass.Columns(header.Width);
                if (columns == 0)
                {
                    continue;
                }

                var rowBytes = (int)((((long)columns * pixelBits) + 7) / 8);
                var row = buffer.AsSpan(0, rowBytes + 1);
                var above = buffer.AsSpan(longest + 1, rowBytes + 1);
                above.Clear();
                for (var y = pass.Top; y < header.Height; y += pass.Down)
                {
                    data.Read(row);
                    PngFilters.Undo(row[0], row[1..], above[1..], Math.Max(1, pixelBits / 8));
                    var output = rgb[(((y * header.Width) + pass.Left) * RgbImage.Channels)..];
                    Expand(row[1..], header, palette, samples[..columns], output, pass.Across * RgbImage.Channels);
                    var finished = row;
                    row = above;
                    above = finished;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Gray of few bits is a palette too: its levels stretched over 0 to 255. Indices without a colour are black.
    private static void FillPalette(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout, Span<byte> palette)
    {
        palette.Clear();
        if (layout.HasPalette)
        {
            encoded.Slice(layout.PaletteStart, layout.PaletteBytes).CopyTo(palette);
            return;
        }

        var levels = header.BitDepth >= 8 ? 256 : 1 << header.BitDepth;
        for (var i = 0; i < levels; i++)
        {
            palette.Slice(i * RgbImage.Channels, RgbImage.Channels).Fill((byte)(i * 255 / (levels - 1)));
        }
    }

    private static void Expand(ReadOnlySpan<byte> row, in ImageHeader header, ReadOnlySpan<byte> palette, Span<byte> samples, Span<byte> output, int step)
    {
        if (header.Components == 1 && header.BitDepth <= 8)
        {
            SmallSamples.Unpack(row, header.BitDepth, samples);
            ExpandIndices(samples, palette, output, step);
            return;
        }

        if (header.Components == RgbImage.Channels && header.BitDepth == 8 && step == RgbImage.Channels)
        {
            row.CopyTo(output);
            return;
        }

        var sampleBytes = header.BitDepth == WideDepth ? 2 : 1;
        var pixelBytes = header.Components * sampleBytes;
        var green = header.Components >= RgbImage.Channels ? sampleBytes : 0;
        for (int i = 0, o = 0; i < row.Length; i += pixelBytes, o += step)
        {
            output[o] = row[i];
            output[o + 1] = row[i + green];
            output[o + 2] = row[i + (2 * green)];
        }
    }

    private static void ExpandIndices(ReadOnlySpan<byte> indices, ReadOnlySpan<byte> palette, Span<byte> output, int step)
    {
        if (step == RgbImage.Channels)
        {
            Palettes.Expand(palette, indices, output);
            return;
        }

        for (int i = 0, o = 0; i < indices.Length; i++, o += step)
        {
            palette.Slice(indices[i] * RgbImage.Channels, RgbImage.Channels).CopyTo(output[o..]);
        }
    }
}
