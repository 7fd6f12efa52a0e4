using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Two tensors' values held against each other.</summary>
/// <param name="LargestMagnitude">The largest absolute value of the reference.</param>
/// <param name="RelativeDifference">The largest absolute difference over that; infinite where a value is NaN, or infinite on one side alone.</param>
internal readonly record struct Comparison(double LargestMagnitude, double RelativeDifference)
{
    public static Comparison Of(Tensor reference, Tensor candidate)
    {
        using var scope = NewDisposeScope();
        return Of(Elements(reference), Elements(candidate));
    }

    public static Comparison Of(Tensor reference, ReadOnlySpan<float> candidate)
    {
        using var scope = NewDisposeScope();
        return Of(Elements(reference), candidate);
    }

    public static Comparison Of(ReadOnlySpan<float> reference, ReadOnlySpan<float> candidate)
    {
        double largest = 0;
        double difference = 0;
        bool finite = reference.Length == candidate.Length;
        for (int i = 0; finite && i < reference.Length; i++)
        {
            if (float.IsInfinity(reference[i]) && reference[i].Equals(candidate[i]))
            {
                continue; // the border of a maximum
            }

            finite = float.IsFinite(reference[i]) && float.IsFinite(candidate[i]);
            largest = Math.Max(largest, Math.Abs((double)reference[i]));
            difference = Math.Max(difference, Math.Abs((double)reference[i] - candidate[i]));
        }

        return new Comparison(
            largest, !finite ? double.PositiveInfinity : difference == 0 ? 0 : largest == 0 ? double.PositiveInfinity : difference / largest);
    }

    // Valid until the caller's scope ends.
    private static ReadOnlySpan<float> Elements(Tensor tensor)
        => MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().to(ScalarType.Float32).contiguous().bytes);
}
