using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>The second pass: every output row is a weighted sum of rows, rounded and clipped to 8 bits.</summary>
internal readonly ref struct VerticalPass
{
    private readonly PixelRows source;
    private readonly ResamplingWeights weights;
    private readonly int firstRow;
    private readonly VectorWidth width;

    /// <param name="source">Rows of the first pass, or of the picture itself.</param>
    /// <param name="weights">Per output row.</param>
    /// <param name="firstRow">Which source row, in the weights' count, row 0 of <paramref name="source"/> is.</param>
    /// <param name="width">Which instructions.</param>
    internal VerticalPass(PixelRows source, ResamplingWeights weights, int firstRow, VectorWidth width)
    {
        this.source = source;
        this.weights = weights;
        this.firstRow = firstRow;
        this.width = width;
    }

    /// <summary>One output row, as many bytes of it as are given.</summary>
    internal void RunRow(int y, Span<byte> output)
    {
        var values = weights.Of(y)[..weights.Counts[y]];
        var rows = source.From(weights.Starts[y] - firstRow);
        if (width == VectorWidth.Bits512 && output.Length >= Vector512<byte>.Count)
        {
            VerticalPassAvx512.RunRow(rows, values, output);
        }
        else if (width >= VectorWidth.Bits256 && output.Length >= Vector256<byte>.Count)
        {
            VerticalPassAvx2.RunRow(rows, values, output);
        }
        else if (width != VectorWidth.Scalar && output.Length >= Vector128<byte>.Count)
        {
            RunRow128(rows, values, output);
        }
        else
        {
            RunPlain(rows, values, output);
        }
    }

    private static void RunPlain(PixelRows rows, ReadOnlySpan<int> values, Span<byte> output)
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

    // The last step goes back over bytes that are done already rather than beyond the row.
    private static void RunRow128(PixelRows rows, ReadOnlySpan<int> values, Span<byte> output)
    {
        var last = output.Length - Vector128<byte>.Count;
        for (var x = 0; x < output.Length; x += Vector128<byte>.Count)
        {
            var column = Math.Min(x, last);
            var sum0 = Vector128.Create(FixedPoint.Half);
            Vector128<int> sum1 = sum0, sum2 = sum0, sum3 = sum0;
            var position = rows.Offset + column;
            foreach (var weight in values)
            {
                var (low, high) = Vector128.Widen(Vector128.Create(rows.Pixels.Slice(position, Vector128<byte>.Count)));
                sum0 += Vector128.WidenLower(low).AsInt32() * weight;
                sum1 += Vector128.WidenUpper(low).AsInt32() * weight;
                sum2 += Vector128.WidenLower(high).AsInt32() * weight;
                sum3 += Vector128.WidenUpper(high).AsInt32() * weight;
                position += rows.Stride;
            }

            var words0 = Vector128.Narrow(FixedPoint.ToByteRange(sum0), FixedPoint.ToByteRange(sum1));
            var words1 = Vector128.Narrow(FixedPoint.ToByteRange(sum2), FixedPoint.ToByteRange(sum3));
            Vector128.Narrow(words0.AsUInt16(), words1.AsUInt16()).CopyTo(output[column..]);
        }
    }
}
