namespace AlexNetMl.Scoring;

/// <summary>The result for one picture.</summary>
public sealed class ImageScore
{
    internal ImageScore(long index, string? source, ReadOnlyMemory<float> probabilities)
    {
        Index = index;
        Source = source;
        Probabilities = probabilities;
        BestClass = IndexOfLargest(probabilities.Span);
    }

    internal ImageScore(long index, string? source, string error)
    {
        Index = index;
        Source = source;
        Error = error;
        BestClass = -1;
    }

    /// <summary>The picture's place in the input, from 0.</summary>
    public long Index { get; }

    /// <summary>The picture's path or name; null where it had none.</summary>
    public string? Source { get; }

    /// <summary>
    /// The network's scores in the order of its labels, <c>[classes]</c>; empty on an error. Rows of a batch share one array: copy what is kept
    /// for long from only some rows.
    /// </summary>
    public ReadOnlyMemory<float> Probabilities { get; }

    /// <summary>Why there is no result, in one sentence; null where there is one.</summary>
    public string? Error { get; }

    /// <summary>The class with the largest score, the first of equals; −1 on an error.</summary>
    public int BestClass { get; }

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return best;
    }
}
