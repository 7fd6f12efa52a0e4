using System.Numerics;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Imaging;

/// <summary>
/// Tables of a prefix code (RFC 9649, section 3.7.2): an entry for each value of the next eight bits and, where codes are longer, a further table behind it.
/// An entry is the symbol × 16 + bits of its code, or the further table's place × 16 + the bits it is asked with, marked by the highest bit.
/// </summary>
internal static class PrefixCode
{
    internal const int LongestCode = 15;

    private const int FirstBits = 8;
    private const uint Further = 1u << 31;
    private const int LengthBits = 4;
    private const uint LengthMask = (1u << LengthBits) - 1;

    /// <summary>Appends a code's tables.</summary>
    /// <param name="lengths">Bits of each symbol's code, 0 where it has none.</param>
    /// <param name="tables">Where they go.</param>
    /// <param name="used">Entries in use; moves on.</param>
    /// <returns>The code: first entry × 16 + the bits it is asked with.</returns>
    /// <exception cref="ImageFormatException">The lengths are no complete code.</exception>
    internal static uint Append(ReadOnlySpan<byte> lengths, ref uint[] tables, ref int used)
    {
        Span<int> counts = stackalloc int[LongestCode + 1];
        counts.Clear();
        foreach (var length in lengths)
        {
            counts[length]++;
        }

        // A symbol that is alone takes no bits.
        if (counts[0] == lengths.Length - 1)
        {
            Reserve(ref tables, used, 1);
            tables[used] = (uint)lengths.IndexOfAnyExcept((byte)0) << LengthBits;
            return (uint)used++ << LengthBits;
        }

        counts[0] = 0;
        Span<uint> next = stackalloc uint[LongestCode + 1];
        var (longest, free) = (0, 1);
        for (var length = 1; length <= LongestCode && free >= 0; length++)
        {
            next[length] = (next[length - 1] + (uint)counts[length - 1]) << 1;
            longest = counts[length] > 0 ? length : longest;
            free = (2 * free) - counts[length];
        }

        // Bits that mean nothing, or two things.
        if (free != 0)
        {
            throw new ImageFormatException("WebP data cannot be decoded: the lengths of its prefix codes are not those of a whole code");
        }

        return Fill(lengths, next, longest, ref tables, ref used);
    }

    internal static bool IsOneSymbol(uint code) => (code & LengthMask) == 0;

    /// <summary>The next symbol. Up to 15 bits have to be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(ref LosslessBits bits, uint[] tables, uint code)
    {
        var next = bits.Peek();
        var length = 0;
        var symbol = Read(ref next, ref length, tables, code);
        bits.Skip(length);
        return symbol;
    }

    /// <summary>The next symbol, of bits that the caller holds, which spares memory the traffic where several follow each other.</summary>
    /// <param name="bits">Loses those of the symbol.</param>
    /// <param name="length">Grows by their number.</param>
    /// <param name="tables">Where the code's tables are.</param>
    /// <param name="code">The code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(ref ulong bits, ref int length, uint[] tables, uint code)
    {
        var entry = tables[(code >> LengthBits) + ((uint)bits & ((1u << (int)(code & LengthMask)) - 1))];
        if ((int)entry < 0)
        {
            bits >>= FirstBits;
            length += FirstBits;
            entry = tables[((entry & ~Further) >> LengthBits) + ((uint)bits & ((1u << (int)(entry & LengthMask)) - 1))];
        }

        bits >>= (int)(entry & LengthMask);
        length += (int)(entry & LengthMask);
        return (int)(entry >> LengthBits);
    }

    private static uint Fill(ReadOnlySpan<byte> lengths, Span<uint> next, int longest, ref uint[] tables, ref int used)
    {
        var first = used;
        var firstBits = Math.Min(longest, FirstBits);
        Reserve(ref tables, first, 1 << firstBits);
        used += 1 << firstBits;
        if (longest > FirstBits)
        {
            ReserveFurther(lengths, next, first, ref tables, ref used);
        }

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            // Codes are stored with their first bit lowest.
            var code = Reverse(next[length]++, length);
            var (start, bits) = (first, firstBits);
            if (length > FirstBits)
            {
                var further = tables[first + (int)(code & ((1u << FirstBits) - 1))];
                (start, bits) = ((int)((further & ~Further) >> LengthBits), (int)(further & LengthMask));
                (code, length) = (code >> FirstBits, length - FirstBits);
            }

            var entry = ((uint)symbol << LengthBits) | (uint)length;
            for (var i = code; i < 1u << bits; i += 1u << length)
            {
                tables[start + (int)i] = entry;
            }
        }

        return ((uint)first << LengthBits) | (uint)firstBits;
    }

    // Codes with the same first eight bits share a table, as large as the longest of them needs; the longest comes last in the order of codes.
    private static void ReserveFurther(ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> next, int first, ref uint[] tables, ref int used)
    {
        Span<byte> longestBehind = stackalloc byte[1 << FirstBits];
        longestBehind.Clear();
        Span<uint> codes = stackalloc uint[LongestCode + 1];
        next.CopyTo(codes);
        foreach (int length in lengths)
        {
            if (length > FirstBits)
            {
                ref var longest = ref longestBehind[(int)Reverse(codes[length]++ >> (length - FirstBits), FirstBits)];
                longest = Math.Max(longest, (byte)(length - FirstBits));
            }
        }

        for (var i = 0; i < longestBehind.Length; i++)
        {
            if (longestBehind[i] > 0)
            {
                Reserve(ref tables, used, 1 << longestBehind[i]);
                tables[first + i] = Further | ((uint)used << LengthBits) | longestBehind[i];
                used += 1 << longestBehind[i];
            }
        }
    }

    private static uint Reverse(uint code, int length)
    {
        code = ((code >> 1) & 0x5555) | ((code & 0x5555) << 1);
        code = ((code >> 2) & 0x3333) | ((code & 0x3333) << 2);
        code = ((code >> 4) & 0x0f0f) | ((code & 0x0f0f) << 4);
        return ((code >> 8) | (code << 8)) << 16 >> (32 - length);
    }

    private static void Reserve(ref uint[] tables, int used, int more)
    {
        if (tables.Length - used < more)
        {
            Array.Resize(ref tables, (int)BitOperations.RoundUpToPowerOf2((uint)(used + more)));
        }
    }
}
