using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>
/// The first pass, up to five pixels of four rows at a time. One byte permutation gathers two taps of all channels of all five pixels as words, so that
/// fifteen of the sixteen sums of a vector are used and what is left per tap is two multiplications; weights are split as in <see cref="TapPairs"/>.
/// </summary>
internal static unsafe class HorizontalPassAvx512
{
    private const int RowsAtOnce = 4;
    private const int MostPixels = 5;
    private const int VectorBytes = 64;
    private const int ShortsOfVector = 32;
    private const int PairBytes = 2 * RgbImage.Channels;
    private const int LargestTable = 1 << 24;

    /// <returns>False where the pixels of a group lie too far apart, or the tables would be larger than the pixels: then nothing was done.</returns>
    internal static bool Run(PixelRows source, int rowCount, ResamplingWeights weights, Span<byte> destination)
    {
        var pixels = PixelsOfGroup(weights);
        var pairs = Math.Max(1, (weights.LargestCount + 1) / 2);
        var groups = (weights.Count + pixels - 1) / pixels;
        var weightLength = (long)groups * pairs * 2 * ShortsOfVector;
        if (pixels < 2 || weightLength > LargestTable)
        {
            return false;
        }

        var orders = ArrayPool<byte>.Shared.Rent(groups * VectorBytes);
        var table = ArrayPool<short>.Shared.Rent((int)weightLength);
        var readBytes = ((weights.SourceEnd + (2 * pairs)) * RgbImage.Channels) + VectorBytes;
        var edge = ArrayPool<byte>.Shared.Rent(readBytes * RowsAtOnce);
        FillOrders(weights, pixels, groups, orders);
        FillWeights(weights, pixels, groups, pairs, table.AsSpan(0, (int)weightLength));
        fixed (byte* input = source.Pixels, padded = edge, output = destination, order = orders)
        fixed (short* coefficients = table)
        fixed (int* starts = weights.Starts)
        {
            var rowBytes = weights.Count * RgbImage.Channels;
            var shape = new Shape(pixels, groups, pairs, rowBytes);
            var inputs = stackalloc byte*[RowsAtOnce];
            var outputs = stackalloc byte*[RowsAtOnce];
            for (var y = 0; y < rowCount; y += RowsAtOnce)
            {
                // The last rows are computed with some before them once more; fewer than four rows fill up with the last one.
                var first = Math.Max(0, Math.Min(y, rowCount - RowsAtOnce));
                for (var i = 0; i < RowsAtOnce; i++)
                {
                    var row = Math.Min(first + i, rowCount - 1);
                    var position = source.Offset + (row * source.Stride);
                    inputs[i] = input + position;
                    outputs[i] = output + (row * rowBytes);
                    var available = source.Pixels.Length - position;
                    if (available < readBytes)
                    {
                        inputs[i] = padded + (i * readBytes);
                        source.Pixels[position..].CopyTo(new Span<byte>(inputs[i], readBytes));
                    }
                }

                RunRows(inputs, outputs, starts, order, coefficients, shape);
            }
        }

        ArrayPool<byte>.Shared.Return(edge);
        ArrayPool<short>.Shared.Return(table);
        ArrayPool<byte>.Shared.Return(orders);
        return true;
    }

    /// <summary>How many neighbours' first two taps always lie within one vector of bytes.</summary>
    private static int PixelsOfGroup(ResamplingWeights weights)
    {
        var starts = weights.Starts;
        for (var pixels = MostPixels; pixels > 1; pixels--)
        {
            var fits = true;
            for (var x = 0; x < starts.Length && fits; x += pixels)
            {
                var last = starts[Math.Min(x + pixels, starts.Length) - 1];
                fits = ((last - starts[x]) * RgbImage.Channels) + PairBytes <= VectorBytes;
            }

            if (fits)
            {
                return pixels;
            }
        }

        return 1;
    }

    // Words of a group: pixel 0's (r0 r1)(g0 g1)(b0 b1), pixel 1's, …; the upper half of each word is masked away later.
    private static void FillOrders(ResamplingWeights weights, int pixels, int groups, Span<byte> orders)
    {
        var starts = weights.Starts;
        for (var g = 0; g < groups; g++)
        {
            var order = orders.Slice(g * VectorBytes, VectorBytes);
            order.Clear();
            var first = g * pixels;
            for (var i = 0; i < pixels && first + i < starts.Length; i++)
            {
                var offset = (starts[first + i] - starts[first]) * RgbImage.Channels;
                for (var c = 0; c < RgbImage.Channels; c++)
                {
                    var word = ((i * RgbImage.Channels) + c) * 4;
                    order[word] = (byte)(offset + c);
                    order[word + 2] = (byte)(offset + c + RgbImage.Channels);
                }
            }
        }
    }

    // Of each pair of taps a vector of lower bits, then one of upper bits.
    private static void FillWeights(ResamplingWeights weights, int pixels, int groups, int pairs, Span<short> table)
    {
        var numbers = MemoryMarshal.Cast<short, int>(table);
        var next = 0;
        for (var g = 0; g < groups; g++)
        {
            for (var pair = 0; pair < pairs; pair++)
            {
                var lower = numbers.Slice(next, VectorBytes / 4);
                var upper = numbers.Slice(next + (VectorBytes / 4), VectorBytes / 4);
                next += VectorBytes / 2;
                lower.Clear();
                upper.Clear();
                for (int i = 0, x = g * pixels; i < pixels && x < weights.Count; i++, x++)
                {
                    var (low, high) = TapPairs.Split(weights.Of(x), 2 * pair);
                    lower.Slice(i * RgbImage.Channels, RgbImage.Channels).Fill(low);
                    upper.Slice(i * RgbImage.Channels, RgbImage.Channels).Fill(high);
                }
            }
        }
    }

    [SkipLocalsInit]
    private static void RunRows(byte** inputs, byte** outputs, int* starts, byte* orders, short* coefficients, Shape shape)
    {
        var half = Vector512.Create(FixedPoint.Half);
        var lowBytes = Vector512.Create((short)0xff);
        byte* in0 = inputs[0], in1 = inputs[1], in2 = inputs[2], in3 = inputs[3];
        nint outputOffset = 0;
        nint step = shape.Pixels * RgbImage.Channels;
        for (var g = 0; g < shape.Groups; g++)
        {
            nint offset = *starts * RgbImage.Channels;
            starts += shape.Pixels;
            var order = Avx512F.LoadVector512(orders);
            orders += VectorBytes;
            Vector512<int> lower0 = half, lower1 = half, lower2 = half, lower3 = half;
            Vector512<int> upper0 = default, upper1 = default, upper2 = default, upper3 = default;
            for (var pair = 0; pair < shape.Pairs; pair++)
            {
                var lower = Avx512BW.LoadVector512(coefficients);
                var upper = Avx512BW.LoadVector512(coefficients + ShortsOfVector);
                coefficients += 2 * ShortsOfVector;
                Accumulate(in0 + offset, order, lowBytes, lower, upper, ref lower0, ref upper0);
                Accumulate(in1 + offset, order, lowBytes, lower, upper, ref lower1, ref upper1);
                Accumulate(in2 + offset, order, lowBytes, lower, upper, ref lower2, ref upper2);
                Accumulate(in3 + offset, order, lowBytes, lower, upper, ref lower3, ref upper3);
                offset += PairBytes;
            }

            var bytes0 = Finish(lower0, upper0);
            var bytes1 = Finish(lower1, upper1);
            var bytes2 = Finish(lower2, upper2);
            var bytes3 = Finish(lower3, upper3);

            // A store's bytes behind the group are overwritten by the next one; behind the row another row begins, which may be finished already.
            var left = shape.RowBytes - (int)outputOffset;
            if (left >= Vector128<byte>.Count)
            {
                bytes0.Store(outputs[0] + outputOffset);
                bytes1.Store(outputs[1] + outputOffset);
                bytes2.Store(outputs[2] + outputOffset);
                bytes3.Store(outputs[3] + outputOffset);
            }
            else
            {
                StorePart(bytes0, outputs[0] + outputOffset, left);
                StorePart(bytes1, outputs[1] + outputOffset, left);
                StorePart(bytes2, outputs[2] + outputOffset, left);
                StorePart(bytes3, outputs[3] + outputOffset, left);
            }

            outputOffset += step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        byte* pixels, Vector512<byte> order, Vector512<short> lowBytes, Vector512<short> lower, Vector512<short> upper,
        ref Vector512<int> lowerSum, ref Vector512<int> upperSum)
    {
        var taps = Avx512Vbmi.PermuteVar64x8(Avx512F.LoadVector512(pixels), order).AsInt16() & lowBytes;
        lowerSum += Avx512BW.MultiplyAddAdjacent(taps, lower);
        upperSum += Avx512BW.MultiplyAddAdjacent(taps, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Finish(Vector512<int> lower, Vector512<int> upper)
    {
        var sum = (lower + (upper << TapPairs.LowerBits)) >> ResamplingWeights.PrecisionBits;
        return Avx512F.ConvertToVector128ByteWithSaturation(Vector512.Max(sum, Vector512<int>.Zero).AsUInt32());
    }

    private static void StorePart(Vector128<byte> bytes, byte* output, int length)
    {
        var part = stackalloc byte[Vector128<byte>.Count];
        bytes.Store(part);
        Unsafe.CopyBlockUnaligned(output, part, (uint)length);
    }

    private readonly record struct Shape(int Pixels, int Groups, int Pairs, int RowBytes);
}
