namespace AlexNetMl.Training;

/// <summary>A file is not a valid safetensors file.</summary>
public sealed class SafeTensorsFormatException : Exception
{
    /// <summary>An error without a message of its own.</summary>
    public SafeTensorsFormatException()
        : this("Not a valid safetensors file.")
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">The message.</param>
    public SafeTensorsFormatException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public SafeTensorsFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
