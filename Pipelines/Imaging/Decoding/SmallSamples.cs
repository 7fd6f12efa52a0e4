namespace AlexNetMl.Imaging;

/// <summary>Samples of 1, 2, 4 or 8 bits, the first in a byte's highest bits, as PNG and BMP pack them.</summary>
internal static class SmallSamples
{
    /// <summary>One byte for each sample.</summary>
    internal static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> samples)
    {
        if (bits == 8)
        {
            packed[..samples.Length].CopyTo(samples);
            return;
        }

        var perByte = 8 / bits;
        var mask = (1 << bits) - 1;
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (byte)((packed[i / perByte] >> (8 - bits - (i % perByte * bits))) & mask);
        }
    }
}
