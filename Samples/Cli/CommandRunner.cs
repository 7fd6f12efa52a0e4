using System.CommandLine;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Cli;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCodes
{
    public const int Done = 0, Failed = 1, Usage = 2, Cancelled = 130;
}

/// <summary>The command line asks for something that cannot be: exit code 2.</summary>
internal sealed class UsageException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Checks values of the command line.</summary>
    /// <param name="check">Throws an <see cref="ArgumentException"/> where one is not allowed.</param>
    public static void Check(Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(CommandRunner.Sentence(exception), exception);
        }
    }
}

/// <summary>Runs a command's body and turns what it throws into one sentence and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>--verbose, on every command.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Print a stack trace with an error.", Recursive = true };

    // On another thread: what ends the process on a signal waits for a task, and there is none while this call has not returned.
    public static void Runs(this Command command, Action<ParseResult, CancellationToken> body) =>
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, body, cancellation), CancellationToken.None));

    private static int Run(ParseResult parsed, Action<ParseResult, CancellationToken> body, CancellationToken cancellation)
    {
        try
        {
            body(parsed, cancellation);
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine("cancelled");
            return ExitCodes.Cancelled;
        }
#pragma warning disable CA1031 // The last line of defence: a person gets one sentence, the stack trace on request.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Exception cause = Cause(error);
            Console.Error.WriteLine($"error: {Sentence(cause)}");
            if (parsed.GetValue(Verbose))
            {
                Console.Error.WriteLine(error);
            }

            return cause is UsageException or TrainingRequestException or ScoringJobException ? ExitCodes.Usage : ExitCodes.Failed;
        }
    }

    private static Exception Cause(Exception error) => error switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => Cause(first),
        TypeInitializationException { InnerException: { } inner } => Cause(inner),
        _ => error,
    };

    // Engines append their own stack, .NET the name of a parameter: neither says anything to a person.
    public static string Sentence(Exception error)
    {
        string message = error.Message.Split('\n')[0].TrimEnd();
        if (error is ArgumentException { ParamName: { } name })
        {
            message = message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        }

        return error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException ? $"{message} (alexnetml doctor tells what is missing)" : message;
    }
}
