using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>The second pass, 32 bytes of a row at a time; weights are split as in <see cref="TapPairs"/>.</summary>
internal static unsafe class VerticalPassAvx2
{
    private const int StepBytes = 32;
    private const int LargestOnStack = 256;

    [SkipLocalsInit]
    internal static void RunRow(PixelRows rows, ReadOnlySpan<int> weights, Span<byte> output)
    {
        var length = TapPairs.Length(weights.Length);
        int[]? rented = null;
        Span<int> pairs = length <= LargestOnStack ? stackalloc int[LargestOnStack] : rented = ArrayPool<int>.Shared.Rent(length);
        TapPairs.Fill(weights, pairs[..length]);
        fixed (byte* pixels = rows.Pixels, destination = output)
        fixed (int* coefficients = pairs)
        {
            var source = pixels + rows.Offset;
            var lastStep = output.Length - StepBytes;
            for (var x = 0; x < output.Length; x += StepBytes)
            {
                // The last step goes back over bytes that are done already rather than beyond the row.
                var position = Math.Min(x, lastStep);
                Avx.Store(destination + position, Step(source + position, rows.Stride, coefficients, weights.Length));
            }
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Step(byte* source, nint stride, int* pairs, int taps)
    {
        var half = Vector256.Create(FixedPoint.Half);
        Vector256<int> lower0 = half, lower1 = half, lower2 = half, lower3 = half;
        Vector256<int> upper0 = default, upper1 = default, upper2 = default, upper3 = default;
        for (var tap = 0; tap < taps; tap += 2)
        {
            var even = Avx.LoadVector256(source);

            // An odd last tap is paired with itself and a weight of zero.
            var odd = tap + 1 < taps ? Avx.LoadVector256(source + stride) : even;
            source += 2 * stride;
            var lower = Vector256.Create(pairs[tap]).AsInt16();
            var upper = Vector256.Create(pairs[tap + 1]).AsInt16();
            var front = Avx2.UnpackLow(even, odd);
            var back = Avx2.UnpackHigh(even, odd);
            Accumulate(Deinterleave(front, 0), lower, upper, ref lower0, ref upper0);
            Accumulate(Deinterleave(front, 1), lower, upper, ref lower1, ref upper1);
            Accumulate(Deinterleave(back, 0), lower, upper, ref lower2, ref upper2);
            Accumulate(Deinterleave(back, 1), lower, upper, ref lower3, ref upper3);
        }

        // Packing undoes the unpacking, lane by lane.
        var first = Avx2.PackSignedSaturate(Finish(lower0, upper0), Finish(lower1, upper1));
        var second = Avx2.PackSignedSaturate(Finish(lower2, upper2), Finish(lower3, upper3));
        return Avx2.PackUnsignedSaturate(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Deinterleave(Vector256<byte> pairs, int half) =>
        (half == 0 ? Avx2.UnpackLow(pairs, Vector256<byte>.Zero) : Avx2.UnpackHigh(pairs, Vector256<byte>.Zero)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector256<short> taps, Vector256<short> lower, Vector256<short> upper, ref Vector256<int> lowerSum, ref Vector256<int> upperSum)
    {
        lowerSum += Avx2.MultiplyAddAdjacent(taps, lower);
        upperSum += Avx2.MultiplyAddAdjacent(taps, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Finish(Vector256<int> lower, Vector256<int> upper) =>
        (lower + (upper << TapPairs.LowerBits)) >> ResamplingWeights.PrecisionBits;
}
