namespace AlexNetMl.Export;

/// <summary>The random pictures of a verification.</summary>
internal static class VerificationBatch
{
    /// <summary>
    /// Uniform numbers in [-128, 128): the range of 8-bit pixels after subtracting a mean, and wider than any normalised pixels. The
    /// generator (SplitMix64) is spelled out, so that a seed means the same batch with every torch and every .NET.
    /// </summary>
    public static float[] Create(long length, long seed)
    {
        float[] values = new float[length];
        ulong state = (ulong)seed;
        for (int i = 0; i < values.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            values[i] = ((z >> 40) * (256f / (1 << 24))) - 128f; // 24 bits, all that a float holds
        }

        return values;
    }
}
