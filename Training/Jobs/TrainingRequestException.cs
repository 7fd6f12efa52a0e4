namespace AlexNetMl.Training;

/// <summary>What is asked for cannot be: a name or a value that is wrong whatever the pictures. The message is one sentence.</summary>
public class TrainingRequestException : ArgumentException
{
    /// <summary>An error without a message of its own.</summary>
    public TrainingRequestException()
        : this("The request is not valid.")
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">The message.</param>
    public TrainingRequestException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingRequestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Checks something of a request.</summary>
    /// <param name="check">Throws an <see cref="ArgumentException"/> where a value is not allowed.</param>
    /// <exception cref="TrainingRequestException">It did.</exception>
    internal static void Guard(Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException exception)
        {
            throw new TrainingRequestException(Sentence(exception), exception);
        }
    }

    /// <summary>A message without the name of a parameter, which .NET appends for programmers.</summary>
    internal static string Sentence(ArgumentException exception) =>
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;
}

/// <summary>The folder holds a run already.</summary>
public sealed class RunExistsException : TrainingRequestException
{
    /// <summary>An error without a message of its own.</summary>
    public RunExistsException()
        : this("The folder holds a run already.")
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">The message.</param>
    public RunExistsException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public RunExistsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
