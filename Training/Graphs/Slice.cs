using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>A part of one axis: some channels, a crop of a picture.</summary>
public sealed class Slice : nn.Module<Tensor, Tensor>
{
    /// <summary>A part.</summary>
    /// <param name="axis">The axis, 0 or more.</param>
    /// <param name="start">The first index; negative ones count from the end.</param>
    /// <param name="end">The index behind the last one; negative ones count from the end, those beyond either end mean that end.</param>
    /// <param name="step">The distance between indices; negative for going back, then from <paramref name="start"/> down.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis is negative, or the step 0.</exception>
    public Slice(long axis, long start, long end, long step = 1)
        : base(nameof(Slice))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfZero(step);
        (Axis, Start, End, Step) = (axis, start, end, step);
    }

    /// <summary>The axis.</summary>
    public long Axis { get; }

    /// <summary>The first index.</summary>
    public long Start { get; }

    /// <summary>The index behind the last one.</summary>
    public long End { get; }

    /// <summary>The distance between indices.</summary>
    public long Step { get; }

    /// <summary>The first index and how many there are, in an axis of some length (ONNX's Slice).</summary>
    /// <param name="length">The axis's length.</param>
    public (long First, long Count) Range(long length)
    {
        long start = Start < 0 ? Math.Max(Start, -length) + length : Start;
        long end = End < 0 ? Math.Max(End, -length - 1) + length : End;
        if (Step > 0)
        {
            start = Math.Min(start, length);
            end = Math.Clamp(end, 0, length);
            return (start, Math.Max(0, Rounded(end - start, Step)));
        }

        start = Math.Min(start, length - 1);
        end = Math.Clamp(end, -1, length - 1);
        return (start, Math.Max(0, Rounded(start - end, Step == long.MinValue ? long.MaxValue : -Step)));

        static long Rounded(long distance, long step) => distance <= 0 ? 0 : ((distance - 1) / step) + 1;
    }

    /// <summary>Takes the part.</summary>
    /// <param name="input">A tensor with this axis.</param>
    /// <returns>A view; for a negative step a copy.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        long length = input.shape[Axis];
        (long first, long count) = Range(length);
        if (count == 0)
            return input.slice(Axis, 0, 0, 1);
        if (Step > 0)
            return input.slice(Axis, first, first + ((count - 1) * Step) + 1, Step);
        using Tensor backwards = input.flip(Axis);
        long start = length - 1 - first;
        return backwards.slice(Axis, start, start + ((count - 1) * -Step) + 1, -Step);
    }
}
