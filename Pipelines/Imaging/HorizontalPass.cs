using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>The first pass: every output pixel is a weighted sum along its row, rounded and clipped to 8 bits.</summary>
internal static class HorizontalPass
{
    /// <param name="source">Row 0 is the first that is wanted.</param>
    /// <param name="rowCount">How many rows.</param>
    /// <param name="weights">Per output column.</param>
    /// <param name="destination">rowCount rows of weights.Count pixels, without padding.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal static void Run(PixelRows source, int rowCount, ResamplingWeights weights, Span<byte> destination, bool vectorized)
    {
        if (vectorized && Avx2.IsSupported)
        {
            HorizontalPassAvx2.Run(source, rowCount, weights, destination);
            return;
        }

        var rowBytes = weights.Count * RgbImage.Channels;
        for (var y = 0; y < rowCount; y++)
        {
            RunRow(source.Row(y), weights, destination.Slice(y * rowBytes, rowBytes));
        }
    }

    internal static void RunRow(ReadOnlySpan<byte> source, ResamplingWeights weights, Span<byte> destination)
    {
        var starts = weights.Starts;
        var counts = weights.Counts;
        for (var x = 0; x < starts.Length; x++)
        {
            var values = weights.Of(x)[..counts[x]];
            var pixels = source.Slice(starts[x] * RgbImage.Channels, values.Length * RgbImage.Channels);
            int red = FixedPoint.Half, green = FixedPoint.Half, blue = FixedPoint.Half;
            for (int i = 0, p = 0; i < values.Length; i++, p += RgbImage.Channels)
            {
                var weight = values[i];
                red += pixels[p] * weight;
                green += pixels[p + 1] * weight;
                blue += pixels[p + 2] * weight;
            }

            var output = destination.Slice(x * RgbImage.Channels, RgbImage.Channels);
            output[0] = FixedPoint.ToByte(red);
            output[1] = FixedPoint.ToByte(green);
            output[2] = FixedPoint.ToByte(blue);
        }
    }
}

/// <summary>Sums of pixel × weight.</summary>
internal static class FixedPoint
{
    /// <summary>One half in the last place that is kept.</summary>
    internal const int Half = 1 << (ResamplingWeights.PrecisionBits - 1);

    internal static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResamplingWeights.PrecisionBits, 0, 255);
}
