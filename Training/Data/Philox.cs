using System.Runtime.CompilerServices;

namespace AlexNetMl.Training;

/// <summary>What a random number is for; numbers for different purposes never share a counter.</summary>
internal enum RandomStream
{
    Weights = 0,
    Shuffle = 1,
    Augmentation = 2,
    Split = 3,
    ColorNoise = 4,
    Dropout = 5,
}

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011): a block of four
/// numbers is a function of key and counter alone, so a picture's crop depends on (seed, epoch, picture) and not on which worker cuts it.
/// </summary>
internal static class Philox
{
    /// <summary>Four uniform 32-bit numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (uint, uint, uint, uint) Block(long seed, RandomStream stream, int epoch, int index, uint block) =>
        Block((uint)seed, (uint)(seed >> 32), block, (uint)index, (uint)epoch, (uint)stream);

    internal static (uint, uint, uint, uint) Block(uint key0, uint key1, uint c0, uint c1, uint c2, uint c3)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)0xD2511F53 * c0;
            ulong product1 = (ulong)0xCD9E8D57 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ key0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ key1;
            c3 = (uint)product0;
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }
}

/// <summary>Draws from the numbers that belong to (seed, stream, epoch, index), in order.</summary>
internal struct CounterRandom(long seed, RandomStream stream, int epoch, int index)
{
    private (uint, uint, uint, uint) _block;
    private uint _next;

    /// <summary>A uniform 32-bit number.</summary>
    internal uint NextUInt32()
    {
        uint lane = _next & 3;
        if (lane == 0)
            _block = Philox.Block(seed, stream, epoch, index, _next >> 2);
        _next++;
        return lane switch
        {
            0 => _block.Item1,
            1 => _block.Item2,
            2 => _block.Item3,
            _ => _block.Item4,
        };
    }

    /// <summary>A number in [0, bound), every one equally likely (Lemire, 2019).</summary>
    internal int Next(int bound)
    {
        uint range = (uint)bound;
        ulong product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            uint threshold = (uint)-(int)range % range;
            while ((uint)product < threshold)
                product = (ulong)NextUInt32() * range;
        }
        return (int)(product >> 32);
    }

    /// <summary>True or false, each equally likely.</summary>
    internal bool NextBoolean() => (NextUInt32() & 0x80000000) != 0;

    /// <summary>A random order of <paramref name="items"/> (Fisher and Yates).</summary>
    internal void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
