using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>Nearest neighbour. Positions are summed up step by step as Pillow does it, because the sum's rounding decides ties.</summary>
internal static class NearestPass
{
    internal static void Run<T>(PixelView image, int width, int height, PixelWindow window, ref T target)
        where T : IRowTarget, allows ref struct
    {
        var columns = ArrayPool<int>.Shared.Rent(width);
        var rows = ArrayPool<int>.Shared.Rent(height);
        Fill(columns.AsSpan(0, width), image.Width);
        Fill(rows.AsSpan(0, height), image.Height);
        for (var y = 0; y < window.Height; y++)
        {
            var row = image.Pixels[(rows[window.Top + y] * image.Width * RgbImage.Channels)..];
            var output = target.Begin(y);
            for (var x = 0; x < window.Width; x++)
            {
                row.Slice(columns[window.Left + x] * RgbImage.Channels, RgbImage.Channels).CopyTo(output[(x * RgbImage.Channels)..]);
            }

            target.End(y);
        }

        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
    }

    private static void Fill(Span<int> positions, int sourceLength)
    {
        var step = (double)sourceLength / positions.Length;
        var position = step * 0.5;
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = Math.Min((int)position, sourceLength - 1);
            position += step;
        }
    }
}
