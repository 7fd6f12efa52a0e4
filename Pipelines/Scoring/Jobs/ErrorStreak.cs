namespace AlexNetMl.Scoring;

/// <summary>Counts pictures in a row that could not be scored, and knows where in the output they began.</summary>
/// <param name="limit">How many are too many; 0: never.</param>
internal sealed class ErrorStreak(int limit)
{
    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>The output in front of the batch of the first of them.</summary>
    public OutputMark Start { get; private set; }

    /// <summary>Adds a picture.</summary>
    /// <param name="error">Why it could not be scored; null where it was.</param>
    /// <param name="here">The output in front of its batch.</param>
    /// <returns>Whether there are too many.</returns>
    public bool Add(string? error, OutputMark here)
    {
        if (error is null)
        {
            Length = 0;
            return false;
        }

        if (Length++ == 0)
        {
            Start = here;
        }

        return limit > 0 && Length >= limit;
    }
}
