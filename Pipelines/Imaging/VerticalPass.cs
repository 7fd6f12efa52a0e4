using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>The second pass: every output row is a weighted sum of rows, rounded and clipped to 8 bits.</summary>
internal static class VerticalPass
{
    /// <param name="source">Rows of the first pass, or of the picture itself.</param>
    /// <param name="weights">Per output row.</param>
    /// <param name="firstRow">Which source row, in the weights' count, row 0 of <paramref name="source"/> is.</param>
    /// <param name="rowBytes">Bytes of a row that are wanted.</param>
    /// <param name="destination">weights.Count rows of rowBytes, without padding.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal static void Run(
        PixelRows source, ResamplingWeights weights, int firstRow, int rowBytes, Span<byte> destination, bool vectorized)
    {
        for (var y = 0; y < weights.Count; y++)
        {
            var values = weights.Of(y)[..weights.Counts[y]];
            var rows = source.From(weights.Starts[y] - firstRow);
            var output = destination.Slice(y * rowBytes, rowBytes);
            if (vectorized && Avx2.IsSupported && rowBytes >= VerticalPassAvx2.SmallestRow)
            {
                VerticalPassAvx2.RunRow(rows, values, output);
            }
            else
            {
                RunRow(rows, values, output);
            }
        }
    }

    private static void RunRow(PixelRows rows, ReadOnlySpan<int> values, Span<byte> output)
    {
        for (var x = 0; x < output.Length; x++)
        {
            var sum = FixedPoint.Half;
            var position = rows.Offset + x;
            foreach (var weight in values)
            {
                sum += rows.Pixels[position] * weight;
                position += rows.Stride;
            }

            output[x] = FixedPoint.ToByte(sum);
        }
    }
}
