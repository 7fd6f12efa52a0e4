namespace AlexNetMl.Imaging;

/// <summary>Sets pictures upright.</summary>
internal static class Turning
{
    // Turned pictures are read along columns; squares of this side keep the lines that are touched in the processor's cache.
    private const int Tile = 32;

    internal static bool IsUpright(ImageOrientation orientation) => orientation is <= ImageOrientation.TopLeft or > ImageOrientation.LeftBottom;

    /// <summary>Width and height of the picture when it is upright.</summary>
    internal static (int Width, int Height) UprightSize(in PixelView image) =>
        image.Orientation is >= ImageOrientation.LeftTop and <= ImageOrientation.LeftBottom ? (image.Height, image.Width) : (image.Width, image.Height);

    /// <summary>Writes the upright picture's pixels, of as many bytes as the source has.</summary>
    internal static void Run(in PixelView image, Span<byte> upright)
    {
        // Pixel (x, y) of the result is pixel start + x × across + y × down of the source.
        int width = image.Width, last = (width * image.Height) - 1;
        var (start, across, down) = image.Orientation switch
        {
            ImageOrientation.TopRight => (width - 1, -1, width),
            ImageOrientation.BottomRight => (last, -1, -width),
            ImageOrientation.BottomLeft => (last - width + 1, 1, -width),
            ImageOrientation.LeftTop => (0, width, 1),
            ImageOrientation.RightTop => (last - width + 1, -width, 1),
            ImageOrientation.RightBottom => (last, -width, -1),
            ImageOrientation.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        var (columns, rows) = UprightSize(image);
        for (var top = 0; top < rows; top += Tile)
        {
            for (var left = 0; left < columns; left += Tile)
            {
                var length = Math.Min(Tile, columns - left) * RgbImage.Channels;
                for (var y = top; y < Math.Min(top + Tile, rows); y++)
                {
                    CopyRow(image.Pixels, start + (left * across) + (y * down), across, upright.Slice(((y * columns) + left) * RgbImage.Channels, length));
                }
            }
        }
    }

    private static void CopyRow(ReadOnlySpan<byte> source, int from, int step, Span<byte> output)
    {
        for (var o = 0; o < output.Length; o += RgbImage.Channels, from += step)
        {
            var pixel = source.Slice(from * RgbImage.Channels, RgbImage.Channels);
            output[o] = pixel[0];
            output[o + 1] = pixel[1];
            output[o + 2] = pixel[2];
        }
    }
}
