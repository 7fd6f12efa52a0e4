namespace AlexNetMl.Scoring;

/// <summary>
/// So many pictures in a row could not be scored that storage or the model is suspected, not the pictures. Their rows were taken back: a job that is run again goes on in front of them.
/// </summary>
public sealed class ConsecutiveErrorsException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public ConsecutiveErrorsException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What was found and what to do.</param>
    public ConsecutiveErrorsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What was found and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ConsecutiveErrorsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal ConsecutiveErrorsException(int count, string source, string error)
        : this($"{What(count, source, error)}; resume the job when that is mended, or set {nameof(ScoringJobOptions.MaxConsecutiveErrors)} to 0 to have such pictures as rows with errors.") =>
        (Count, PictureSource, Error) = (count, source, error);

    /// <summary>How many pictures.</summary>
    public int Count { get; }

    /// <summary>What the last of them is called.</summary>
    public string PictureSource { get; } = "";

    /// <summary>Why the last of them could not be scored.</summary>
    public string Error { get; } = "";

    /// <summary>What happened, without a remedy.</summary>
    public string What() => What(Count, PictureSource, Error);

    private static string What(int count, string source, string error) =>
        $"{count} pictures in a row could not be scored, the last of them '{source}' ({error.TrimEnd('.')}): their storage may be away, or the model broken. Rows of these pictures were taken back";
}
