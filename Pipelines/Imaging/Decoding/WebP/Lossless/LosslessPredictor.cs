using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>The predictions of a pixel from those to the left (L), above (T), above to the left (TL) and to the right (TR), by their numbers in RFC 9649, section 3.5.1.</summary>
internal static class LosslessPredictor
{
    internal const uint Black = 0xff000000;

    /// <summary>Adds the predictions to the differences in a part of a row that does not begin it.</summary>
    internal static void Undo(int mode, ReadOnlySpan<uint> above, Span<uint> row, int from, int to)
    {
        switch (mode)
        {
            case 1: Run<Left>(above, row, from, to); break;
            case 2: Run<Top>(above, row, from, to); break;
            case 3: Run<TopRight>(above, row, from, to); break;
            case 4: Run<TopLeft>(above, row, from, to); break;
            case 5: Run<LeftTopRightTop>(above, row, from, to); break;
            case 6: Run<LeftTopLeft>(above, row, from, to); break;
            case 7: Run<LeftTop>(above, row, from, to); break;
            case 8: Run<TopLeftTop>(above, row, from, to); break;
            case 9: Run<TopTopRight>(above, row, from, to); break;
            case 10: Run<AllFour>(above, row, from, to); break;
            case 11: Run<Select>(above, row, from, to); break;
            case 12: Run<Gradient>(above, row, from, to); break;
            case 13: Run<HalfGradient>(above, row, from, to); break;

            // Two numbers are not given out; libwebp takes them for black as well.
            default: Run<Constant>(above, row, from, to); break;
        }
    }

    private static void Run<T>(ReadOnlySpan<uint> above, Span<uint> row, int from, int to)
        where T : IPrediction
    {
        var left = row[from - 1];
        for (var x = from; x < to; x++)
        {
            left = LosslessTransform.Add(row[x], T.Of(left, above[x], above[x - 1], above[x + 1]));
            row[x] = left;
        }
    }

    /// <summary>The average of each channel, rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Average(uint a, uint b) => (((a ^ b) & 0xfefefefe) >> 1) + (a & b);

    /// <summary>A pixel's channels as numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Words(uint pixel) => Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte()).AsInt16();

    /// <summary>A pixel of numbers, each kept within a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bytes(Vector128<short> words)
    {
        var kept = Vector128.Min(Vector128.Max(words, Vector128<short>.Zero), Vector128.Create((short)255)).AsUInt16();
        return Vector128.Narrow(kept, kept).AsUInt32().ToScalar();
    }

    private interface IPrediction
    {
        static abstract uint Of(uint left, uint top, uint topLeft, uint topRight);
    }

    private readonly struct Constant : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Black;
    }

    private readonly struct Left : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => left;
    }

    private readonly struct Top : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => top;
    }

    private readonly struct TopRight : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => topRight;
    }

    private readonly struct TopLeft : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => topLeft;
    }

    private readonly struct LeftTopRightTop : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(Average(left, topRight), top);
    }

    private readonly struct LeftTopLeft : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(left, topLeft);
    }

    private readonly struct LeftTop : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(left, top);
    }

    private readonly struct TopLeftTop : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(topLeft, top);
    }

    private readonly struct TopTopRight : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(top, topRight);
    }

    private readonly struct AllFour : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight) => Average(Average(left, topLeft), Average(top, topRight));
    }

    /// <summary>Left or top, whichever is nearer to L + T − TL in all channels together.</summary>
    private readonly struct Select : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight)
        {
            var corner = Words(topLeft);
            var toLeft = Vector128.Sum(Vector128.Abs(Words(top) - corner));
            var toTop = Vector128.Sum(Vector128.Abs(Words(left) - corner));
            return toLeft < toTop ? left : top;
        }
    }

    /// <summary>L + T − TL, kept within a byte.</summary>
    private readonly struct Gradient : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight)
        {
            return Bytes(Words(left) + Words(top) - Words(topLeft));
        }
    }

    /// <summary>The average of L and T, and half of what that is beyond TL.</summary>
    private readonly struct HalfGradient : IPrediction
    {
        public static uint Of(uint left, uint top, uint topLeft, uint topRight)
        {
            // Halves are rounded towards zero.
            var average = Words(Average(left, top));
            var beyond = average - Words(topLeft);
            return Bytes(average + ((beyond + Vector128.ShiftRightLogical(beyond, 15)) >> 1));
        }
    }
}
