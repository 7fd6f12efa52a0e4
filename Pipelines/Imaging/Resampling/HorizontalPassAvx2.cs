using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>The first pass, four rows and four taps at a time; weights are split as <see cref="TapPairs"/> does it.</summary>
internal static unsafe class HorizontalPassAvx2
{
    private const int RowsAtOnce = 4;
    private const int TapsAtOnce = 4;
    private const int ShortsOfGroup = 32;
    private const int BytesOfGroup = TapsAtOnce * RgbImage.Channels;
    private const int LoadBytes = 16;
    private const int LargestTable = 1 << 24;

    /// <returns>False where the table of weights would be larger than the pixels: then nothing was done.</returns>
    internal static bool Run(PixelRows source, int rowCount, ResamplingWeights weights, Span<byte> destination)
    {
        var groups = Math.Max(1, (weights.LargestCount + TapsAtOnce - 1) / TapsAtOnce);
        var tableLength = (long)weights.Count * groups * ShortsOfGroup;
        if (tableLength > LargestTable)
        {
            // Only strips of several hundred thousand pixels get here.
            return false;
        }

        var table = ArrayPool<short>.Shared.Rent((int)tableLength);
        var readBytes = ((weights.SourceEnd + (groups * TapsAtOnce)) * RgbImage.Channels) + LoadBytes;
        var edge = ArrayPool<byte>.Shared.Rent(readBytes * RowsAtOnce);
        FillTable(weights, groups, table);
        fixed (byte* pixels = source.Pixels, padded = edge, output = destination)
        fixed (short* coefficients = table)
        fixed (int* starts = weights.Starts)
        {
            var rowBytes = weights.Count * RgbImage.Channels;
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
                    inputs[i] = pixels + position;
                    outputs[i] = output + (row * rowBytes);
                    var available = source.Pixels.Length - position;
                    if (available < readBytes)
                    {
                        inputs[i] = padded + (i * readBytes);
                        source.Pixels[position..].CopyTo(new Span<byte>(inputs[i], readBytes));
                    }
                }

                RunRows(inputs, outputs, starts, coefficients, groups, weights.Count);
            }
        }

        ArrayPool<byte>.Shared.Return(edge);
        ArrayPool<short>.Shared.Return(table);
        return true;
    }

    // One group holds four taps: (w0 w1) four times and (w2 w3) four times of the lower bits, then the same of the upper ones.
    private static void FillTable(ResamplingWeights weights, int groups, Span<short> table)
    {
        for (var x = 0; x < weights.Count; x++)
        {
            var values = weights.Of(x);
            for (var g = 0; g < groups; g++)
            {
                var numbers = MemoryMarshal.Cast<short, int>(table.Slice(((x * groups) + g) * ShortsOfGroup, ShortsOfGroup));
                for (var half = 0; half < 2; half++)
                {
                    var (lower, upper) = TapPairs.Split(values, (g * TapsAtOnce) + (half * 2));
                    numbers.Slice(half * 4, 4).Fill(lower);
                    numbers.Slice(8 + (half * 4), 4).Fill(upper);
                }
            }
        }
    }

    [SkipLocalsInit]
    private static void RunRows(byte** inputs, byte** outputs, int* starts, short* coefficients, int groups, int count)
    {
        // Four RGB pixels to words: (r0 r1)(g0 g1)(b0 b1)(0 0) in the lower lane, pixels 2 and 3 alike in the upper one.
        var spread = Vector256.Create(
            (byte)0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255,
            6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, 255);
        var half = Vector256.Create(FixedPoint.Half, FixedPoint.Half, FixedPoint.Half, FixedPoint.Half, 0, 0, 0, 0);
        byte* in0 = inputs[0], in1 = inputs[1], in2 = inputs[2], in3 = inputs[3];
        byte* out0 = outputs[0], out1 = outputs[1], out2 = outputs[2], out3 = outputs[3];
        for (var x = 0; x < count; x++)
        {
            var offset = (nint)starts[x] * RgbImage.Channels;
            Vector256<int> lower0 = half, lower1 = half, lower2 = half, lower3 = half;
            Vector256<int> upper0 = default, upper1 = default, upper2 = default, upper3 = default;
            for (var g = 0; g < groups; g++)
            {
                var lower = Avx.LoadVector256(coefficients);
                var upper = Avx.LoadVector256(coefficients + 16);
                coefficients += ShortsOfGroup;
                var taps0 = Spread(in0 + offset, spread);
                var taps1 = Spread(in1 + offset, spread);
                var taps2 = Spread(in2 + offset, spread);
                var taps3 = Spread(in3 + offset, spread);
                offset += BytesOfGroup;
                lower0 += Avx2.MultiplyAddAdjacent(taps0, lower);
                upper0 += Avx2.MultiplyAddAdjacent(taps0, upper);
                lower1 += Avx2.MultiplyAddAdjacent(taps1, lower);
                upper1 += Avx2.MultiplyAddAdjacent(taps1, upper);
                lower2 += Avx2.MultiplyAddAdjacent(taps2, lower);
                upper2 += Avx2.MultiplyAddAdjacent(taps2, upper);
                lower3 += Avx2.MultiplyAddAdjacent(taps3, lower);
                upper3 += Avx2.MultiplyAddAdjacent(taps3, upper);
            }

            // Rows 0 and 1 side by side, rows 2 and 3 side by side; packing leaves rows 0, 2 in the lower lane and 1, 3 in the upper one.
            var sum01 = AddLanes(lower0 + (upper0 << TapPairs.LowerBits), lower1 + (upper1 << TapPairs.LowerBits));
            var sum23 = AddLanes(lower2 + (upper2 << TapPairs.LowerBits), lower3 + (upper3 << TapPairs.LowerBits));
            var words = Avx2.PackSignedSaturate(sum01 >> ResamplingWeights.PrecisionBits, sum23 >> ResamplingWeights.PrecisionBits);
            var bytes = Avx2.PackUnsignedSaturate(words, words).AsUInt32();
            var last = x == count - 1;
            Store(out0, bytes.GetElement(0), last);
            Store(out1, bytes.GetElement(4), last);
            Store(out2, bytes.GetElement(1), last);
            Store(out3, bytes.GetElement(5), last);
            out0 += RgbImage.Channels;
            out1 += RgbImage.Channels;
            out2 += RgbImage.Channels;
            out3 += RgbImage.Channels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Spread(byte* pixels, Vector256<byte> order) =>
        Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(pixels), order).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddLanes(Vector256<int> a, Vector256<int> b) =>
        Avx2.Permute2x128(a, b, 0x20) + Avx2.Permute2x128(a, b, 0x31);

    // The fourth byte is overwritten by the row's next pixel; behind the last pixel another row begins, which may be finished already.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* output, uint pixel, bool last)
    {
        if (last)
        {
            Unsafe.WriteUnaligned(output, (ushort)pixel);
            output[2] = (byte)(pixel >> 16);
        }
        else
        {
            Unsafe.WriteUnaligned(output, pixel);
        }
    }
}
