using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>
/// Interleaved bytes to planes of floats, (pixel × rescale − mean) / deviation, in one pass. The operations and their order are the
/// formula's,
/// without fused or reciprocal shortcuts, so that every path gives the same floats.
/// </summary>
internal readonly struct PixelNormalizer(ImagePreprocessing preprocessing)
{
    private const int PixelsAtOnce = 16;

    private readonly float rescale = preprocessing.RescaleFactor;
    private readonly ImagePreprocessing preprocessing = preprocessing;

    /// <param name="rgb">The picture.</param>
    /// <param name="width">Its pixels in a row.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="top">First row of the window.</param>
    /// <param name="side">The window's side.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <param name="chw">Receives three planes of side × side.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal void Run(ReadOnlySpan<byte> rgb, int width, int left, int top, int side, bool flip, Span<float> chw, bool vectorized = true)
    {
        var plane = side * side;
        var swap = preprocessing.ChannelOrder == ChannelOrder.Bgr;
        var red = chw.Slice(swap ? 2 * plane : 0, plane);
        var green = chw.Slice(plane, plane);
        var blue = chw.Slice(swap ? 0 : 2 * plane, plane);
        for (var y = 0; y < side; y++)
        {
            var row = rgb.Slice((((top + y) * width) + left) * RgbImage.Channels, side * RgbImage.Channels);
            var output = y * side;
            if (vectorized && Vector128.IsHardwareAccelerated && side >= PixelsAtOnce)
            {
                RunRow(row, flip, red.Slice(output, side), green.Slice(output, side), blue.Slice(output, side));
            }
            else
            {
                RunPlainRow(row, flip, red.Slice(output, side), green.Slice(output, side), blue.Slice(output, side));
            }
        }
    }

    private void RunPlainRow(ReadOnlySpan<byte> row, bool flip, Span<float> red, Span<float> green, Span<float> blue)
    {
        var mean = preprocessing.Mean;
        var deviation = preprocessing.StandardDeviation;
        for (var x = 0; x < red.Length; x++)
        {
            var pixel = (flip ? red.Length - 1 - x : x) * RgbImage.Channels;
            red[x] = ((row[pixel] * rescale) - mean[0]) / deviation[0];
            green[x] = ((row[pixel + 1] * rescale) - mean[1]) / deviation[1];
            blue[x] = ((row[pixel + 2] * rescale) - mean[2]) / deviation[2];
        }
    }

    // Sixteen pixels are three vectors of bytes; a row's last step goes back over pixels that are done rather than beyond the row.
    private void RunRow(ReadOnlySpan<byte> row, bool flip, Span<float> red, Span<float> green, Span<float> blue)
    {
        var mean = preprocessing.Mean;
        var deviation = preprocessing.StandardDeviation;
        ref var source = ref MemoryMarshal.GetReference(row);
        var last = red.Length - PixelsAtOnce;
        for (var x = 0; x < red.Length; x += PixelsAtOnce)
        {
            var position = Math.Min(x, last);
            var pixel = (nuint)((flip ? last - position : position) * RgbImage.Channels);
            var a = Vector128.LoadUnsafe(ref source, pixel);
            var b = Vector128.LoadUnsafe(ref source, pixel + 16);
            var c = Vector128.LoadUnsafe(ref source, pixel + 32);
            Write(Reds(a, b, c), flip, mean[0], deviation[0], ref red[position]);
            Write(Greens(a, b, c), flip, mean[1], deviation[1], ref green[position]);
            Write(Blues(a, b, c), flip, mean[2], deviation[2], ref blue[position]);
        }
    }

    // Shuffling with an index beyond the vector gives zero, so that the three parts can be joined.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Reds(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Greens(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Blues(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Write(Vector128<byte> samples, bool flip, float mean, float deviation, ref float output)
    {
        if (flip)
        {
            samples = Vector128.Shuffle(samples, Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        }

        var (low, high) = Vector128.Widen(samples);
        WriteEight(low, mean, deviation, ref output);
        WriteEight(high, mean, deviation, ref Unsafe.Add(ref output, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteEight(Vector128<ushort> samples, float mean, float deviation, ref float output)
    {
        var (low, high) = Vector128.Widen(samples);
        var numbers = Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
        var values = ((numbers * Vector256.Create(rescale)) - Vector256.Create(mean)) / Vector256.Create(deviation);
        values.StoreUnsafe(ref output);
    }
}
