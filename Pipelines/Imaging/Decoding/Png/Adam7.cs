namespace AlexNetMl.Imaging;

/// <summary>PNG's interlacing (ISO/IEC 15948, section 8.2): seven passes over coarser and finer grids, or one over all pixels.</summary>
internal static class Adam7
{
    private static readonly PngPass[] Interlaced =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    private static readonly PngPass[] Plain = [new(0, 0, 1, 1)];

    internal static ReadOnlySpan<PngPass> Passes(bool interlaced) => interlaced ? Interlaced : Plain;

    /// <summary>Bytes of the picture data before compression: each row of each pass with its filter byte.</summary>
    internal static long DataLength(in ImageHeader header, bool interlaced)
    {
        var length = 0L;
        foreach (var pass in Passes(interlaced))
        {
            var columns = pass.Columns(header.Width);
            if (columns > 0)
            {
                var rowBytes = (((long)columns * header.Components * header.BitDepth) + 7) / 8;
                length += (rowBytes + 1) * pass.Rows(header.Height);
            }
        }

        return length;
    }
}

/// <summary>The pixels of one pass: where they start and how far apart they are.</summary>
internal readonly record struct PngPass(int Left, int Top, int Across, int Down)
{
    internal int Columns(int width) => Steps(width, Left, Across);

    internal int Rows(int height) => Steps(height, Top, Down);

    private static int Steps(int length, int first, int step) => length <= first ? 0 : ((length - first - 1) / step) + 1;
}
