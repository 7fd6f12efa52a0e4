namespace AlexNetMl.Imaging;

/// <summary>The five prefix codes that one part of a lossless picture is written in (RFC 9649, section 3.7.2.1), with their tables.</summary>
internal readonly record struct PrefixGroup(uint[] Tables, uint Green, uint Red, uint Blue, uint Alpha, uint Distance)
{
    internal const int LengthCodes = 24;

    private const int Literals = 256;
    private const int DistanceCodes = 40;
    private const int LargestAlphabet = Literals + LengthCodes + (1 << LosslessReader.LargestCacheBits);

    private static ReadOnlySpan<byte> LengthOrder => [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Whether red and blue have one symbol each, as in palettes and gray.</summary>
    internal bool IsGreenOnly { get; private init; }

    /// <summary>Whether alpha has one symbol, as in whatever is opaque.</summary>
    internal bool IsAlphaOne { get; private init; }

    /// <summary>The channels that have one symbol, which takes no bits, in their places in a pixel.</summary>
    internal uint OtherChannels { get; private init; }

    /// <summary>Reads a group.</summary>
    /// <param name="bits">The picture's bits.</param>
    /// <param name="cacheSize">Entries of the colour cache, which have codes too.</param>
    /// <param name="tables">Room that is used again for every group.</param>
    /// <param name="keep">Whether the group is used; otherwise it is only read.</param>
    internal static PrefixGroup Read(ref LosslessBits bits, int cacheSize, ref uint[] tables, bool keep)
    {
        var used = 0;
        var green = ReadCode(ref bits, Literals + LengthCodes + cacheSize, ref tables, ref used);
        var red = ReadCode(ref bits, Literals, ref tables, ref used);
        var blue = ReadCode(ref bits, Literals, ref tables, ref used);
        var alpha = ReadCode(ref bits, Literals, ref tables, ref used);
        var distance = ReadCode(ref bits, DistanceCodes, ref tables, ref used);
        return keep ? new PrefixGroup(tables[..used], green, red, blue, alpha, distance).WithPlainColor() : default;
    }

    private PrefixGroup WithPlainColor()
    {
        var none = default(LosslessBits);
        var (isGreenOnly, isAlphaOne) = (PrefixCode.IsOneSymbol(Red) && PrefixCode.IsOneSymbol(Blue), PrefixCode.IsOneSymbol(Alpha));
        var channels = isAlphaOne ? (uint)PrefixCode.Read(ref none, Tables, Alpha) << 24 : 0;
        if (isGreenOnly)
        {
            channels |= ((uint)PrefixCode.Read(ref none, Tables, Red) << 16) | (uint)PrefixCode.Read(ref none, Tables, Blue);
        }

        return this with { IsGreenOnly = isGreenOnly, IsAlphaOne = isAlphaOne, OtherChannels = channels };
    }

    private static uint ReadCode(ref LosslessBits bits, int alphabet, ref uint[] tables, ref int used)
    {
        Span<byte> lengths = stackalloc byte[LargestAlphabet];
        lengths = lengths[..alphabet];
        lengths.Clear();
        if (bits.ReadFlag())
        {
            ReadSimple(ref bits, lengths);
        }
        else
        {
            ReadLengths(ref bits, lengths, ref tables, used);
        }

        bits.RequireAll();
        return PrefixCode.Append(lengths, ref tables, ref used);
    }

    // One or two symbols; as libwebp does it, those beyond the alphabet have no code.
    private static void ReadSimple(ref LosslessBits bits, scoped Span<byte> lengths)
    {
        var two = bits.ReadFlag();
        var first = bits.Read(bits.ReadFlag() ? 8 : 1);
        if (first < lengths.Length)
        {
            lengths[first] = 1;
        }

        var second = two ? bits.Read(8) : first;
        if (second < lengths.Length)
        {
            lengths[second] = 1;
        }
    }

    private static void ReadLengths(ref LosslessBits bits, scoped Span<byte> lengths, ref uint[] tables, int used)
    {
        const int Repeat = 16, Zeros = 17;
        Span<byte> lengthLengths = stackalloc byte[LengthOrder.Length];
        lengthLengths.Clear();
        foreach (var symbol in LengthOrder[..(4 + bits.Read(4))])
        {
            lengthLengths[symbol] = (byte)bits.Read(3);
        }

        var left = bits.ReadFlag() ? 2 + bits.Read(2 + (2 * bits.Read(3))) : lengths.Length;
        if (left > lengths.Length)
        {
            throw new ImageFormatException($"WebP data cannot be decoded: a prefix code of {left} symbols where {lengths.Length} are possible");
        }

        // These tables are needed until the lengths are read, and overwritten then.
        var code = PrefixCode.Append(lengthLengths, ref tables, ref used);
        byte previous = 8;
        for (var symbol = 0; symbol < lengths.Length && left > 0; left--)
        {
            bits.Fill();
            var length = PrefixCode.Read(ref bits, tables, code);
            if (length < Repeat)
            {
                lengths[symbol++] = (byte)length;
                previous = length > 0 ? (byte)length : previous;
                continue;
            }

            var repeat = length switch { Repeat => 3 + bits.Read(2), Zeros => 3 + bits.Read(3), _ => 11 + bits.Read(7) };
            if (repeat > lengths.Length - symbol)
            {
                throw new ImageFormatException("WebP data cannot be decoded: a prefix code has more symbols than its alphabet");
            }

            lengths.Slice(symbol, repeat).Fill(length == Repeat ? previous : (byte)0);
            symbol += repeat;
        }
    }
}
