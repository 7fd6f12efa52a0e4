namespace AlexNetMl.Scoring;

/// <summary>The largest scores of a row.</summary>
internal static class BestClasses
{
    /// <summary>Finds them, largest first; of equal ones the first comes first, and what is no number comes last.</summary>
    /// <param name="scores">One for each class.</param>
    /// <param name="best">Receives the classes; at most as long as there are scores.</param>
    public static void Find(ReadOnlySpan<float> scores, Span<int> best)
    {
        int found = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            int place = found;
            while (place > 0 && Before(scores[i], scores[best[place - 1]]))
            {
                place--;
            }

            if (place < best.Length)
            {
                found = Math.Min(found + 1, best.Length);
                best[place..(found - 1)].CopyTo(best[(place + 1)..found]);
                best[place] = i;
            }
        }
    }

    private static bool Before(float a, float b) => a > b || (float.IsNaN(b) && !float.IsNaN(a));
}
