using System.Numerics;
using System.Runtime.InteropServices;

namespace AlexNetMl.Training;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), which processors have an instruction for.</summary>
internal static class Crc32C
{
    internal static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
