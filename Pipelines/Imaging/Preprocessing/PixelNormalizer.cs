using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>
/// Bytes to planes of floats, (pixel × rescale − mean image − mean) / deviation, in one pass. The operations and their order are the
/// formula's, without fused or reciprocal shortcuts, so that every path gives the same floats. Pictures come interleaved here, as planes in
/// PixelNormalizer.Planar.cs.
/// </summary>
internal readonly partial struct PixelNormalizer(ImagePreprocessing preprocessing)
{
    private const int PixelsAtOnce = 16;

    private readonly float rescale = preprocessing.RescaleFactor;
    private readonly bool swap = preprocessing.ChannelOrder == ChannelOrder.Bgr;
    private readonly int side = preprocessing.CropSide;
    private readonly int square = preprocessing.ShorterSide;
    private readonly MeanImage? meanImage = preprocessing.MeanImage;
    private readonly Channel red = new(preprocessing, 0);
    private readonly Channel green = new(preprocessing, 1);
    private readonly Channel blue = new(preprocessing, 2);

    /// <param name="rgb">The picture, interleaved.</param>
    /// <param name="width">Its pixels in a row.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="top">First row of the window.</param>
    /// <param name="meanLeft">First column of the window in the mean image.</param>
    /// <param name="meanTop">First row of the window in the mean image.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <param name="chw">Receives three planes of side × side.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal void Run(
        ReadOnlySpan<byte> rgb, int width, int left, int top, int meanLeft, int meanTop, bool flip, Span<float> chw, bool vectorized = true)
    {
        for (var y = 0; y < side; y++)
        {
            var row = rgb.Slice((((top + y) * width) + left) * RgbImage.Channels, side * RgbImage.Channels);
            RunRow(row, meanLeft, meanTop + y, flip, Output(chw, 0, y), Output(chw, 1, y), Output(chw, 2, y), vectorized);
        }
    }

    /// <summary>One row of a window.</summary>
    /// <param name="row">side × 3 bytes, interleaved.</param>
    /// <param name="meanLeft">First column of the window in the mean image.</param>
    /// <param name="meanRow">The row in the mean image.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <param name="first">Receives side floats of the tensor's first plane.</param>
    /// <param name="second">Of its second one.</param>
    /// <param name="third">Of its third one.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal void RunRow(
        ReadOnlySpan<byte> row, int meanLeft, int meanRow, bool flip, Span<float> first, Span<float> second, Span<float> third, bool vectorized = true)
    {
        var reds = swap ? third : first;
        var blues = swap ? first : third;
        if (vectorized && Vector128.IsHardwareAccelerated && side >= PixelsAtOnce)
        {
            RunVectors(row, Means(0, meanRow, meanLeft), Means(1, meanRow, meanLeft), Means(2, meanRow, meanLeft), flip, reds, second, blues);
            return;
        }

        RunPlain(row, RgbImage.Channels, red, Means(0, meanRow, meanLeft), flip, reds);
        RunPlain(row[1..], RgbImage.Channels, green, Means(1, meanRow, meanLeft), flip, second);
        RunPlain(row[2..], RgbImage.Channels, blue, Means(2, meanRow, meanLeft), flip, blues);
    }

    /// <summary>What each of the 256 samples becomes, of red, green and blue, where there is no mean image.</summary>
    internal void FillTables(Span<float> reds, Span<float> greens, Span<float> blues)
    {
        Span<byte> samples = stackalloc byte[reds.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (byte)i;
        }

        RunPlain(samples, 1, red, default, flip: false, reds);
        RunPlain(samples, 1, green, default, flip: false, greens);
        RunPlain(samples, 1, blue, default, flip: false, blues);
    }

    private Span<float> Output(Span<float> chw, int plane, int row) => chw.Slice(((plane * side) + row) * side, side);

    /// <summary>The part of the mean image that lies under a row of the window; empty without one.</summary>
    private ReadOnlySpan<float> Means(int channel, int row, int column) =>
        meanImage is null ? default : meanImage.Values.Slice((((channel * square) + row) * square) + column, side);

    private void RunPlain(ReadOnlySpan<byte> samples, int stride, in Channel channel, ReadOnlySpan<float> means, bool flip, Span<float> output)
    {
        for (var x = 0; x < output.Length; x++)
        {
            var value = samples[x * stride] * rescale;
            if (!means.IsEmpty)
            {
                value -= means[x];
            }

            value -= channel.Mean;
            if (channel.Noisy)
            {
                value = (value + channel.Shift) / channel.Divisor;
            }

            output[flip ? output.Length - 1 - x : x] = value / channel.Deviation;
        }
    }

    // Sixteen pixels are three vectors of bytes; a row's last step goes back over pixels that are done rather than beyond the row.
    private void RunVectors(
        ReadOnlySpan<byte> row,
        ReadOnlySpan<float> redMeans,
        ReadOnlySpan<float> greenMeans,
        ReadOnlySpan<float> blueMeans,
        bool flip,
        Span<float> reds,
        Span<float> greens,
        Span<float> blues)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        var scale = Vector256.Create(rescale);
        Lanes redLanes = new(red), greenLanes = new(green), blueLanes = new(blue);
        var last = reds.Length - PixelsAtOnce;
        for (var x = 0; x < reds.Length; x += PixelsAtOnce)
        {
            var pixel = Math.Min(x, last);
            var (r, g, b) = Interleaving.Split(ref Unsafe.Add(ref source, pixel * RgbImage.Channels));
            var position = flip ? last - pixel : pixel;
            Write(r, scale, redLanes, redMeans, pixel, flip, ref reds[position]);
            Write(g, scale, greenLanes, greenMeans, pixel, flip, ref greens[position]);
            Write(b, scale, blueLanes, blueMeans, pixel, flip, ref blues[position]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(
        Vector128<byte> samples, Vector256<float> scale, in Lanes lanes, ReadOnlySpan<float> means, int pixel, bool flip, ref float output)
    {
        ref var mean = ref MemoryMarshal.GetReference(means);
        var low = Eight(samples, scale, lanes, means.IsEmpty, ref Unsafe.Add(ref mean, pixel));
        var high = Eight(Vector128.Shuffle(samples.AsUInt64(), Vector128.Create(1ul, 1ul)).AsByte(), scale, lanes, means.IsEmpty, ref Unsafe.Add(ref mean, pixel + 8));
        if (flip)
        {
            (low, high) = (Reverse(high), Reverse(low));
        }

        low.StoreUnsafe(ref output);
        high.StoreUnsafe(ref output, 8);
    }

    /// <summary>The formula for the lower eight samples. Dividing by one changes nothing and is left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eight(Vector128<byte> samples, Vector256<float> scale, in Lanes lanes, bool noMeans, ref float means)
    {
        var values = ToSingle(samples) * scale;
        if (!noMeans)
        {
            values -= Vector256.LoadUnsafe(ref means);
        }

        values -= lanes.Mean;
        if (lanes.Noisy)
        {
            values += lanes.Shift;
            if (lanes.Damped)
            {
                values /= lanes.Divisor;
            }
        }

        return lanes.Scaled ? values / lanes.Deviation : values;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ToSingle(Vector128<byte> samples)
    {
        if (Avx2.IsSupported)
        {
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(samples));
        }

        var (low, high) = Vector128.Widen(Vector128.WidenLower(samples));
        return Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Reverse(Vector256<float> values) => Vector256.Shuffle(values, Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0));

    /// <summary>What the pixels of one channel go through.</summary>
    private readonly struct Channel
    {
        internal Channel(ImagePreprocessing preprocessing, int index)
        {
            Mean = preprocessing.Mean[index];
            Deviation = preprocessing.StandardDeviation[index];
        }

        internal Channel(in Channel channel, float shift, float divisor)
        {
            this = channel;
            (Noisy, Shift, Divisor) = (true, shift, divisor);
        }

        internal float Mean { get; }

        internal float Deviation { get; }

        internal bool Noisy { get; }

        internal float Shift { get; }

        internal float Divisor { get; }
    }

    /// <summary>A channel's numbers as vectors.</summary>
    private readonly ref struct Lanes(in Channel channel)
    {
        internal readonly Vector256<float> Mean = Vector256.Create(channel.Mean);
        internal readonly Vector256<float> Deviation = Vector256.Create(channel.Deviation);
        internal readonly Vector256<float> Shift = Vector256.Create(channel.Shift);
        internal readonly Vector256<float> Divisor = Vector256.Create(channel.Divisor);
        internal readonly bool Noisy = channel.Noisy;
        internal readonly bool Damped = channel.Divisor != 1;
        internal readonly bool Scaled = channel.Deviation != 1;
    }
}
