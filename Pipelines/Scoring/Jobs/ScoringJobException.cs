namespace AlexNetMl.Scoring;

/// <summary>A job that must not run as asked: its output is there already, or what is to be resumed is another job. Nothing was changed. The message is one sentence with the remedy.</summary>
public class ScoringJobException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public ScoringJobException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What was found and what to do.</param>
    public ScoringJobException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What was found and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ScoringJobException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
