using System.Runtime.CompilerServices;

namespace AlexNetMl.Imaging;

/// <summary>Pixels as they are written (RFC 9649, section 3.6): one by one, as a copy of earlier ones, or as a place in the cache of colours. A pixel is alpha, red, green, blue, from the highest byte.</summary>
internal readonly ref struct LosslessPixels(LosslessCodes codes, int width)
{
    private const int Literals = 256;

    // Distances of up to this many are names of pixels near by, the nearest first.
    private const int NearPixels = 120;

    private static readonly (int X, int Y)[] Near =
    [
        .. from y in Enumerable.Range(0, 8)
           from x in Enumerable.Range(-7, 16)
           where y > 0 || x > 0
           orderby (x * x) + (y * y), Math.Abs(x), x < 0
           select (x, y),
    ];

    internal void Read(ref LosslessBits bits, Span<uint> pixels)
    {
        var cache = codes.CacheBits == 0 ? [] : new uint[1 << codes.CacheBits];
        var cacheShift = 32 - codes.CacheBits;
        var cached = 0;
        var blockMask = codes.Numbers.Length == 0 ? ~0 : (1 << codes.BlockBits) - 1;
        var group = codes.Groups[0];
        var isNewBlock = true;
        int position = 0, x = 0, y = 0;
        while (position < pixels.Length)
        {
            if (isNewBlock)
            {
                group = Group(x, y);
                bits.RequireAll();
            }

            bits.Fill();
            var next = bits.Peek();
            int used = 0, length = 1;
            var symbol = PrefixCode.Read(ref next, ref used, group.Tables, group.Green);
            if (symbol < Literals)
            {
                pixels[position] = ReadLiteral(ref bits, next, used, group, symbol);
            }
            else if (symbol < Literals + PrefixGroup.LengthCodes)
            {
                bits.Skip(used);
                length = ReadNumber(ref bits, symbol - Literals);
                bits.Fill();
                Copy(pixels, position, Distance(ReadNumber(ref bits, PrefixCode.Read(ref bits, group.Tables, group.Distance))), length);
            }
            else
            {
                bits.Skip(used);

                // The cache is looked at less often than pixels are made: those since the last time are put in together.
                Remember(pixels[cached..position], cache, cacheShift);
                cached = position;
                pixels[position] = cache[symbol - Literals - PrefixGroup.LengthCodes];
            }

            position += length;
            x += length;
            if (x >= width)
            {
                (y, x) = (y + (x / width), x % width);
            }

            isNewBlock = length > 1 || (x & blockMask) == 0;
        }

        bits.RequireAll();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ReadLiteral(ref LosslessBits bits, ulong next, int used, in PrefixGroup group, int green)
    {
        var color = group.OtherChannels | ((uint)green << 8);
        if (!group.IsGreenOnly)
        {
            color |= (uint)PrefixCode.Read(ref next, ref used, group.Tables, group.Red) << 16;
            color |= (uint)PrefixCode.Read(ref next, ref used, group.Tables, group.Blue);
        }

        bits.Skip(used);
        if (!group.IsAlphaOne)
        {
            // Three codes of 15 bits were there; a fourth may not be.
            bits.Fill();
            color |= (uint)PrefixCode.Read(ref bits, group.Tables, group.Alpha) << 24;
        }

        return color;
    }

    // Lengths and distances: the range by a code, the place in it by further bits.
    private static int ReadNumber(ref LosslessBits bits, int code)
    {
        if (code < 4)
        {
            return code + 1;
        }

        var more = (code - 2) >> 1;
        return ((2 + (code & 1)) << more) + bits.Read(more) + 1;
    }

    private static void Copy(Span<uint> pixels, int position, int distance, int length)
    {
        if (distance > position || length > pixels.Length - position)
        {
            throw new ImageFormatException("WebP data cannot be decoded: it copies pixels from beside the picture");
        }

        var from = pixels.Slice(position - distance, length);
        var to = pixels.Slice(position, length);
        if (distance >= length)
        {
            from.CopyTo(to);
            return;
        }

        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[i];
        }
    }

    private static void Remember(ReadOnlySpan<uint> pixels, uint[] cache, int shift)
    {
        foreach (var pixel in pixels)
        {
            cache[(pixel * 0x1e35a7bd) >> shift] = pixel;
        }
    }

    private int Distance(int number)
    {
        if (number > NearPixels)
        {
            return number - NearPixels;
        }

        var (across, up) = Near[number - 1];
        return Math.Max(across + (up * width), 1);
    }

    private PrefixGroup Group(int x, int y) => codes.Numbers.Length == 0
        ? codes.Groups[0]
        : codes.Groups[codes.Numbers[((y >> codes.BlockBits) * codes.BlockColumns) + (x >> codes.BlockBits)]];
}
