using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>The first pass: every output pixel is a weighted sum along its row, rounded and clipped to 8 bits.</summary>
internal static class HorizontalPass
{
    /// <param name="source">Row 0 is the first that is wanted.</param>
    /// <param name="rowCount">How many rows.</param>
    /// <param name="weights">Per output column.</param>
    /// <param name="destination">rowCount rows of weights.Count pixels, without padding.</param>
    /// <param name="width">Which instructions.</param>
    internal static void Run(PixelRows source, int rowCount, ResamplingWeights weights, Span<byte> destination, VectorWidth width)
    {
        if ((width == VectorWidth.Bits512 && HorizontalPassAvx512.Run(source, rowCount, weights, destination))
            || (width >= VectorWidth.Bits256 && HorizontalPassAvx2.Run(source, rowCount, weights, destination)))
        {
            return;
        }

        var rowBytes = weights.Count * RgbImage.Channels;
        for (var y = 0; y < rowCount; y++)
        {
            var output = destination.Slice(y * rowBytes, rowBytes);
            if (width == VectorWidth.Scalar)
            {
                RunRow(source.Row(y), weights, output);
            }
            else
            {
                RunRow128(source.Row(y), weights, output);
            }
        }
    }

    private static void RunRow(ReadOnlySpan<byte> source, ResamplingWeights weights, Span<byte> destination)
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

    // A pixel's three channels are three of a vector's four numbers; the fourth is the next pixel's red and of no account.
    private static void RunRow128(ReadOnlySpan<byte> source, ResamplingWeights weights, Span<byte> destination)
    {
        ref var first = ref MemoryMarshal.GetReference(source);
        var starts = weights.Starts;
        var counts = weights.Counts;
        for (var x = 0; x < starts.Length; x++)
        {
            var values = weights.Of(x)[..counts[x]];
            var position = starts[x] * RgbImage.Channels;
            var sum = Vector128.Create(FixedPoint.Half);
            foreach (var weight in values)
            {
                var pixel = position + sizeof(uint) <= source.Length
                    ? Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, position))
                    : source[position] | ((uint)source[position + 1] << 8) | ((uint)source[position + 2] << 16);
                sum += Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte())).AsInt32() * weight;
                position += RgbImage.Channels;
            }

            var rounded = FixedPoint.ToByteRange(sum);
            var output = destination.Slice(x * RgbImage.Channels, RgbImage.Channels);
            output[0] = (byte)rounded[0];
            output[1] = (byte)rounded[1];
            output[2] = (byte)rounded[2];
        }
    }
}

/// <summary>Sums of pixel × weight.</summary>
internal static class FixedPoint
{
    /// <summary>One half in the last place that is kept.</summary>
    internal const int Half = 1 << (ResamplingWeights.PrecisionBits - 1);

    internal static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResamplingWeights.PrecisionBits, 0, 255);

    internal static Vector128<int> ToByteRange(Vector128<int> sums) =>
        Vector128.Min(Vector128.Max(sums >> ResamplingWeights.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
}
