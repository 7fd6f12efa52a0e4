using System.Numerics;

namespace AlexNetMl.Training;

/// <summary>The window of a local response normalization over channels; alpha as torch has it, divided by size.</summary>
internal sealed record ChannelWindow(int Size, double Alpha, double K)
{
    /// <summary>Channels of the window before the one it belongs to.</summary>
    internal int Before => Size / 2;

    /// <summary>Channels of the window after it.</summary>
    internal int After => (Size - 1) / 2;

    /// <summary>Factor on the sum of squares.</summary>
    internal double Factor => Alpha / Size;
}

/// <summary>What stands between a convolution and the next: each step may be missing.</summary>
/// <param name="Rectify">ReLU.</param>
/// <param name="Window">Local response normalization; null for none.</param>
/// <param name="Pool">Max pooling over 3×3 with stride 2.</param>
internal sealed record StageSteps(bool Rectify, ChannelWindow? Window, bool Pool);

/// <summary>Contiguous <c>[Images, Channels, Rows, Columns]</c>. Without pooling, rows and columns are one: Columns is 1.</summary>
internal readonly record struct StageShape(int Images, int Channels, int Rows, int Columns)
{
    /// <summary>Values of one channel of one image.</summary>
    internal int Positions => Rows * Columns;

    /// <summary>Rows after pooling.</summary>
    internal int PooledRows => (Rows - 3) / 2 + 1;

    /// <summary>Columns after pooling.</summary>
    internal int PooledColumns => (Columns - 3) / 2 + 1;

    /// <summary>Whether the passes can be used: a tile must fill a vector register.</summary>
    internal bool Fits(bool pool) => pool ? Rows >= 3 && Columns >= 3 && 3 * Columns >= Vector<float>.Count && Positions >= Vector<float>.Count : Positions >= Vector<float>.Count;
}
