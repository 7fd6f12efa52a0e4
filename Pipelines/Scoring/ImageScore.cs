namespace AlexNetMl.Scoring;

/// <summary>The result for one picture.</summary>
public sealed class ImageScore
{
    internal ImageScore(long index, string? source, ReadOnlyMemory<float> probabilities, ReadOnlyMemory<float> logits = default, ReadOnlyMemory<float> features = default)
    {
        Index = index;
        Source = source;
        Probabilities = probabilities;
        Logits = logits;
        Features = features;
        BestClass = probabilities.IsEmpty ? -1 : IndexOfLargest(probabilities.Span);
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

    /// <summary>What went into the softmax, in the order of the labels; empty unless <see cref="OnnxImageScorerOptions.Logits"/> asked for it.</summary>
    public ReadOnlyMemory<float> Logits { get; }

    /// <summary>The numbers of <see cref="OnnxImageScorerOptions.Layer"/>, its axes behind the batch row-major; empty unless one was asked for.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>Why there is no result, in one sentence; null where there is one.</summary>
    public string? Error { get; }

    /// <summary>The class with the largest score, the first of equals, one without a number only where there is no other; −1 on an error.</summary>
    public int BestClass { get; }

    /// <summary>The classes with the largest scores, best first, equals in the order of the labels, what is no number last; none on an error.</summary>
    /// <param name="classes">Receives the classes' numbers.</param>
    /// <returns>How many there are: the length asked for, or fewer where the network has fewer classes.</returns>
    public int Best(Span<int> classes)
    {
        ReadOnlySpan<float> scores = Probabilities.Span;
        int found = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            int at = found;
            while (at > 0 && IsBetter(scores[i], scores[classes[at - 1]]))
            {
                at--;
            }

            if (at < classes.Length)
            {
                int moved = Math.Min(found, classes.Length - 1) - at;
                classes.Slice(at, moved).CopyTo(classes[(at + 1)..]);
                classes[at] = i;
                found = Math.Min(found + 1, classes.Length);
            }
        }

        return found;
    }

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (IsBetter(values[i], values[best]))
            {
                best = i;
            }
        }

        return best;
    }

    private static bool IsBetter(float score, float than) => score > than || (float.IsNaN(than) && !float.IsNaN(score));
}
