namespace AlexNetMl.Imaging;

/// <summary>
/// Weights as the vector loops take them. They have 22 bits and the fast multiplication takes 16, so each is split into its lower 15 bits and the rest:
/// sum = lower sum + upper sum × 2^15. All of it is arithmetic modulo 2^32, so the bytes are those of the plain loop. Two taps are multiplied and added at once.
/// </summary>
internal static class TapPairs
{
    internal const int LowerBits = 15;

    private const int LowerMask = (1 << LowerBits) - 1;

    /// <summary>Numbers that <see cref="Fill"/> writes.</summary>
    internal static int Length(int taps) => 2 * ((taps + 1) / 2);

    /// <summary>The weights of one output row: lower bits of the first two taps, upper bits of them, and so on.</summary>
    internal static void Fill(ReadOnlySpan<int> weights, Span<int> pairs)
    {
        for (var i = 0; i < pairs.Length; i += 2)
        {
            (pairs[i], pairs[i + 1]) = Split(weights, i);
        }
    }

    /// <summary>Taps <paramref name="tap"/> and the next as two words each; a tap behind the last has weight 0.</summary>
    internal static (int Lower, int Upper) Split(ReadOnlySpan<int> weights, int tap)
    {
        var even = tap < weights.Length ? weights[tap] : 0;
        var odd = tap + 1 < weights.Length ? weights[tap + 1] : 0;
        return (Join(even & LowerMask, odd & LowerMask), Join(even >> LowerBits, odd >> LowerBits));
    }

    private static int Join(int even, int odd) => (even & 0xffff) | (odd << 16);
}
