namespace AlexNetMl.Imaging;

/// <summary>Encoded bytes are not a picture that can be used: broken, of another format, or over a limit. The message is one
/// sentence.</summary>
public sealed class ImageFormatException : Exception
{
    /// <summary>Without a reason.</summary>
    public ImageFormatException()
        : base("not a usable picture")
    {
    }

    /// <summary>With the reason.</summary>
    /// <param name="message">What is wrong, with the value and what would be right.</param>
    public ImageFormatException(string message)
        : base(message)
    {
    }

    /// <summary>With the reason and what the codec threw.</summary>
    /// <param name="message">What is wrong, with the value and what would be right.</param>
    /// <param name="innerException">The codec's own exception.</param>
    public ImageFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
