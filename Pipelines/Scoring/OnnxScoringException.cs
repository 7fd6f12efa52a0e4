namespace AlexNetMl.Scoring;

/// <summary>A model that cannot score pictures, or a device that cannot run it. The message is one sentence with the remedy.</summary>
public class OnnxScoringException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public OnnxScoringException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What was found and what to do.</param>
    public OnnxScoringException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What was found and what to do.</param>
    /// <param name="innerException">What ONNX Runtime or the reader of the file threw.</param>
    public OnnxScoringException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
