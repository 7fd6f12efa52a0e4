namespace AlexNetMl.Imaging;

/// <summary>PNG's five row filters (ISO/IEC 15948, section 9).</summary>
internal static class PngFilters
{
    internal const byte None = 0;
    internal const byte Sub = 1;
    internal const byte Up = 2;
    internal const byte Average = 3;
    internal const byte Paeth = 4;

    /// <summary>Turns a filtered row into its pixels, in place.</summary>
    internal static void Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0;
            int corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            row[i] += filter switch
            {
                None => 0,
                Sub => (byte)left,
                Up => above[i],
                Average => (byte)((left + above[i]) / 2),
                Paeth => (byte)Predict(left, above[i], corner),
                _ => throw new ImageFormatException($"PNG data cannot be decoded: row filter {filter} does not exist"),
            };
        }
    }

    private static int Predict(int left, int above, int corner)
    {
        var toLeft = Math.Abs(above - corner);
        var toAbove = Math.Abs(left - corner);
        var toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
