namespace AlexNetMl.Imaging;

/// <summary>Tables of 256 colours, three bytes each: R, G, B.</summary>
internal static class Palettes
{
    internal const int Bytes = 256 * RgbImage.Channels;

    /// <summary>Every index is its own gray.</summary>
    internal static void FillGray(Span<byte> palette)
    {
        for (var i = 0; i < palette.Length; i++)
        {
            palette[i] = (byte)(i / RgbImage.Channels);
        }
    }

    /// <summary>One colour everywhere.</summary>
    internal static void Fill(ReadOnlySpan<byte> palette, int index, Span<byte> rgb)
    {
        var color = palette.Slice(index * RgbImage.Channels, RgbImage.Channels);
        for (var i = 0; i < rgb.Length; i += RgbImage.Channels)
        {
            color.CopyTo(rgb[i..]);
        }
    }

    /// <summary>Colours of indices.</summary>
    internal static void Expand(ReadOnlySpan<byte> palette, ReadOnlySpan<byte> indices, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < indices.Length; i++, o += RgbImage.Channels)
        {
            var color = indices[i] * RgbImage.Channels;
            rgb[o] = palette[color];
            rgb[o + 1] = palette[color + 1];
            rgb[o + 2] = palette[color + 2];
        }
    }
}
