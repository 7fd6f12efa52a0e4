using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Imaging;

/// <summary>A lossless WebP picture's bits, the lowest of each byte first. Behind the data there are zeros; <see cref="RequireAll"/> tells when some of them were read.</summary>
internal ref struct LosslessBits(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> data = data;
    private int position;
    private int zerosAppended;
    private ulong bits;
    private int count;

    /// <summary>Makes sure that 56 bits can be looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fill()
    {
        if (data.Length - position >= sizeof(ulong))
        {
            bits |= BinaryPrimitives.ReadUInt64LittleEndian(data[position..]) << count;
            position += (63 - count) >> 3;
            count |= 56;
        }
        else
        {
            FillAtTheEnd();
        }
    }

    /// <summary>The next bits, which stay where they are; the rest of the number are others behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ulong Peek() => bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Skip(int number)
    {
        bits >>= number;
        count -= number;
    }

    /// <summary>Up to 32 bits.</summary>
    internal int Read(int number)
    {
        Fill();
        var value = (int)(bits & ((1ul << number) - 1));
        Skip(number);
        return value;
    }

    internal bool ReadFlag() => Read(1) != 0;

    /// <exception cref="ImageFormatException">More was read than there is.</exception>
    internal readonly void RequireAll()
    {
        if (zerosAppended > count)
        {
            throw new ImageFormatException("WebP data ends early");
        }
    }

    private void FillAtTheEnd()
    {
        for (; count < 56; count += 8)
        {
            if (position < data.Length)
            {
                bits |= (ulong)data[position++] << count;
            }
            else
            {
                zerosAppended += 8;
            }
        }
    }
}
