namespace AlexNetMl.Imaging;

/// <summary>Sets pictures upright.</summary>
internal static class Turning
{
    // Turned pictures are read along columns; squares of this side keep the lines that are touched in the processor's cache.
    private const int Tile = 32;

    internal static RgbImage ToUpright(RgbImage image)
    {
        if (image.Orientation is <= ImageOrientation.TopLeft or > ImageOrientation.LeftBottom)
        {
            return image;
        }

        // Pixel (x, y) of the result is pixel start + x × across + y × down of the source.
        int width = image.Width, height = image.Height, last = (width * height) - 1;
        var (start, across, down) = image.Orientation switch
        {
            ImageOrientation.TopRight => (width - 1, -1, width),
            ImageOrientation.BottomRight => (last, -1, -width),
            ImageOrientation.BottomLeft => (last - width + 1, 1, -width),
            ImageOrientation.LeftTop => (0, width, 1),
            ImageOrientation.RightTop => (last - width + 1, -width, 1),
            ImageOrientation.RightBottom => (last, -width, -1),
            _ => (width - 1, width, -1),
        };
        var turned = image.Orientation >= ImageOrientation.LeftTop;
        var result = turned ? RgbImage.Uninitialized(height, width) : RgbImage.Uninitialized(width, height);
        for (var top = 0; top < result.Height; top += Tile)
        {
            for (var left = 0; left < result.Width; left += Tile)
            {
                Copy(image.Pixels, result, left, top, start, across, down);
            }
        }

        return result;
    }

    private static void Copy(ReadOnlySpan<byte> source, RgbImage result, int left, int top, int start, int across, int down)
    {
        var columns = Math.Min(Tile, result.Width - left);
        var rows = Math.Min(Tile, result.Height - top);
        for (var y = top; y < top + rows; y++)
        {
            var output = result.Pixels.AsSpan(((y * result.Width) + left) * RgbImage.Channels, columns * RgbImage.Channels);
            var from = start + (left * across) + (y * down);
            for (var o = 0; o < output.Length; o += RgbImage.Channels, from += across)
            {
                var pixel = source.Slice(from * RgbImage.Channels, RgbImage.Channels);
                output[o] = pixel[0];
                output[o + 1] = pixel[1];
                output[o + 2] = pixel[2];
            }
        }
    }
}
