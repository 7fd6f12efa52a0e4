using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// Which source pixels make each of a run of output pixels along one axis, with fixed-point weights. The arithmetic, including its
/// roundings, is that of Pillow's antialiased resampling: the filter is stretched by the scale when shrinking, weights are normalised in
/// double precision and
/// then rounded to 22 fractional bits.
/// </summary>
internal readonly ref struct ResamplingWeights : IDisposable
{
    /// <summary>Fractional bits: 32 less 8 for the pixel, less 2 for the overshoot of filters with negative lobes.</summary>
    internal const int PrecisionBits = 32 - 8 - 2;

    private readonly int[] starts;
    private readonly int[] counts;
    private readonly int[] values;

    /// <param name="sourceLength">Pixels of the source along the axis.</param>
    /// <param name="resultLength">Pixels of the whole result along the axis.</param>
    /// <param name="first">The first result pixel that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="filter">Any but nearest.</param>
    internal ResamplingWeights(int sourceLength, int resultLength, int first, int count, ResamplingFilter filter)
    {
        var axis = new Axis(sourceLength, resultLength, filter);
        Stride = Math.Min(((int)Math.Ceiling(axis.Support) * 2) + 1, sourceLength);
        Count = count;
        starts = ArrayPool<int>.Shared.Rent(count);
        counts = ArrayPool<int>.Shared.Rent(count);
        values = ArrayPool<int>.Shared.Rent(checked(count * Stride));
        var exact = ArrayPool<double>.Shared.Rent(Stride);
        for (var i = 0; i < count; i++)
        {
            var center = axis.Center(first + i);
            var start = axis.Start(center);
            var length = axis.End(center) - start;
            starts[i] = start;
            counts[i] = length;
            LargestCount = Math.Max(LargestCount, length);
            SourceEnd = Math.Max(SourceEnd, start + length);
            Fill(exact.AsSpan(0, length), start - center + 0.5, 1.0 / axis.FilterScale, filter);
            Quantize(exact.AsSpan(0, length), values.AsSpan(i * Stride, Stride));
        }

        ArrayPool<double>.Shared.Return(exact);
    }

    /// <summary>The first source pixel that a run of output pixels uses, and the one behind the last.</summary>
    internal static (int Start, int End) SourceRange(int sourceLength, int resultLength, int first, int count, ResamplingFilter filter)
    {
        var axis = new Axis(sourceLength, resultLength, filter);
        return (axis.Start(axis.Center(first)), axis.End(axis.Center(first + count - 1)));
    }

    /// <summary>Output pixels.</summary>
    internal int Count { get; }

    /// <summary>Weights stored for each output pixel; those behind its count are zero.</summary>
    internal int Stride { get; }

    /// <summary>The most source pixels that one output pixel uses.</summary>
    internal int LargestCount { get; }

    /// <summary>One behind the last source pixel that any output pixel uses.</summary>
    internal int SourceEnd { get; }

    /// <summary>First source pixel of each output pixel.</summary>
    internal ReadOnlySpan<int> Starts => starts.AsSpan(0, Count);

    /// <summary>Source pixels of each output pixel.</summary>
    internal ReadOnlySpan<int> Counts => counts.AsSpan(0, Count);

    /// <summary>The weights of one output pixel, zero behind its count.</summary>
    internal ReadOnlySpan<int> Of(int output) => values.AsSpan(output * Stride, Stride);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(counts);
        ArrayPool<int>.Shared.Return(values);
    }

    private static void Fill(Span<double> weights, double offset, double inverseScale, ResamplingFilter filter)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = ResamplingKernel.Evaluate(filter, (i + offset) * inverseScale);
            sum += weights[i];
        }

        if (sum != 0.0)
        {
            for (var i = 0; i < weights.Length; i++)
            {
                weights[i] /= sum;
            }
        }
    }

    private static void Quantize(ReadOnlySpan<double> weights, Span<int> quantized)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var scaled = weights[i] * (1 << PrecisionBits);
            quantized[i] = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }

        quantized[weights.Length..].Clear();
    }

    /// <summary>Where output pixels lie among source pixels.</summary>
    private readonly struct Axis
    {
        private readonly int length;
        private readonly double scale;

        internal Axis(int sourceLength, int resultLength, ResamplingFilter filter)
        {
            length = sourceLength;
            scale = (double)sourceLength / resultLength;
            FilterScale = Math.Max(scale, 1.0);
            Support = ResamplingKernel.Support(filter) * FilterScale;
        }

        internal double FilterScale { get; }

        internal double Support { get; }

        internal double Center(int output) => (output + 0.5) * scale;

        internal int Start(double center) => Math.Max((int)(center - Support + 0.5), 0);

        internal int End(double center) => Math.Min((int)(center + Support + 0.5), length);
    }
}
