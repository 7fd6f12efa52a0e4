namespace AlexNetMl.Export;

/// <summary>One axis of a pooling, with torch's rules.</summary>
/// <param name="Size">The picture's length along the axis.</param>
/// <param name="Kernel">Positions in a window.</param>
/// <param name="Stride">Positions between two windows' starts.</param>
/// <param name="Padding">Positions added at either end.</param>
/// <param name="Dilation">Distance between a window's positions.</param>
/// <param name="Ceiling">Whether a last window may hang over the end.</param>
internal readonly record struct PoolingWindow(long Size, long Kernel, long Stride, long Padding, long Dilation, bool Ceiling)
{
    /// <summary>The number of windows; zero or less where not one fits.</summary>
    public long Count
    {
        get
        {
            long room = Size + (2 * Padding) - Reach;
            long count = (long)Math.Floor((room + (Ceiling ? Stride - 1 : 0)) / (double)Stride) + 1;

            // A window that would begin beyond the picture and its padding in front holds nothing; torch drops it.
            return Ceiling && (count - 1) * Stride >= Size + Padding ? count - 1 : count;
        }
    }

    /// <summary>How far the last window hangs over the padded end: only with <see cref="Ceiling"/> more than zero.</summary>
    public long Overhang => Math.Max(0, ((Count - 1) * Stride) + Reach - Size - (2 * Padding));

    private long Reach => (Dilation * (Kernel - 1)) + 1;
}
