namespace AlexNetMl.Onnx;

/// <summary>A file or byte sequence that is not an ONNX model this library can read, or a model that no ONNX file can hold.</summary>
public sealed class OnnxFormatException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public OnnxFormatException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    public OnnxFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    /// <param name="innerException">What the reader ran into.</param>
    public OnnxFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
