using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>The second pass, 64 bytes of a row at a time; weights are split as in <see cref="TapPairs"/>.</summary>
internal static unsafe class VerticalPassAvx512
{
    private const int StepBytes = 64;
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
                Avx512BW.Store(destination + position, Step(source + position, rows.Stride, coefficients, weights.Length));
            }
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Step(byte* source, nint stride, int* pairs, int taps)
    {
        var half = Vector512.Create(FixedPoint.Half);
        Vector512<int> lower0 = half, lower1 = half, lower2 = half, lower3 = half;
        Vector512<int> upper0 = default, upper1 = default, upper2 = default, upper3 = default;
        for (var tap = 0; tap < taps; tap += 2)
        {
            var even = Avx512BW.LoadVector512(source);

            // An odd last tap is paired with itself and a weight of zero.
            var odd = tap + 1 < taps ? Avx512BW.LoadVector512(source + stride) : even;
            source += 2 * stride;
            var lower = Vector512.Create(pairs[tap]).AsInt16();
            var upper = Vector512.Create(pairs[tap + 1]).AsInt16();
            var front = Avx512BW.UnpackLow(even, odd);
            var back = Avx512BW.UnpackHigh(even, odd);
            Accumulate(Deinterleave(front, 0), lower, upper, ref lower0, ref upper0);
            Accumulate(Deinterleave(front, 1), lower, upper, ref lower1, ref upper1);
            Accumulate(Deinterleave(back, 0), lower, upper, ref lower2, ref upper2);
            Accumulate(Deinterleave(back, 1), lower, upper, ref lower3, ref upper3);
        }

        // Packing undoes the unpacking, lane by lane.
        var first = Avx512BW.PackSignedSaturate(Finish(lower0, upper0), Finish(lower1, upper1));
        var second = Avx512BW.PackSignedSaturate(Finish(lower2, upper2), Finish(lower3, upper3));
        return Avx512BW.PackUnsignedSaturate(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Deinterleave(Vector512<byte> pairs, int half) =>
        (half == 0 ? Avx512BW.UnpackLow(pairs, Vector512<byte>.Zero) : Avx512BW.UnpackHigh(pairs, Vector512<byte>.Zero)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector512<short> taps, Vector512<short> lower, Vector512<short> upper, ref Vector512<int> lowerSum, ref Vector512<int> upperSum)
    {
        lowerSum += Avx512BW.MultiplyAddAdjacent(taps, lower);
        upperSum += Avx512BW.MultiplyAddAdjacent(taps, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Finish(Vector512<int> lower, Vector512<int> upper) =>
        (lower + (upper << TapPairs.LowerBits)) >> ResamplingWeights.PrecisionBits;
}
