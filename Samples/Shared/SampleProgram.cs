using System.CommandLine;

namespace AlexNetMl.Samples;

/// <summary>A sample's manners on a command line: exit 0 done, 1 failed, 2 wrong usage, 130 cancelled; an error is one sentence.</summary>
public static class SampleProgram
{
    // Long enough for a training step to end; what is half written is removed on the way out.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Parses the arguments and does the work.</summary>
    /// <param name="root">The command with its options; <c>--verbose</c> is added.</param>
    /// <param name="arguments">What the program was given.</param>
    /// <param name="work">Takes the options and is told of Ctrl+C.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments, Action<ParseResult, CancellationToken> work)
    {
        ArgumentNullException.ThrowIfNull(root);
        var verbose = new Option<bool>("--verbose") { Description = "Print a stack trace with an error." };
        root.Add(verbose);

        // On another thread: what ends the process on a signal waits for a task, and there is none while this call has not returned.
        root.SetAction((parsed, cancellation) => Task.Run(() => Guarded(() => work(parsed, cancellation), parsed.GetValue(verbose), cancellation), CancellationToken.None));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            return WrongUsage(string.Join(" ", parsed.Errors.Select(error => error.Message)));
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Patience }).ConfigureAwait(false);
    }

    /// <summary>Has a whole number checked while arguments are parsed.</summary>
    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        ArgumentNullException.ThrowIfNull(option);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
            {
                result.AddError($"{result.Option.Name} {value}: give {least} or more.");
            }
        });
        return option;
    }

    private static int Guarded(Action work, bool verbose, CancellationToken cancellation)
    {
        try
        {
            work();
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine("cancelled");
            return 130;
        }
        catch (UsageException error)
        {
            return WrongUsage(error.Message);
        }
#pragma warning disable CA1031 // The last line of defence: a person gets one sentence, the stack trace on request.
        catch (Exception error)
#pragma warning restore CA1031
        {
            var cause = error is AggregateException { InnerExceptions: [var only, ..] } ? only : error;
            string message = cause is ArgumentException { ParamName: { } name } ? cause.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : cause.Message;
            Console.Error.WriteLine($"error: {message}");
            if (verbose)
            {
                Console.Error.WriteLine(error);
            }

            return 1;
        }
    }

    private static int WrongUsage(string message)
    {
        Console.Error.WriteLine($"error: {message} (--help lists the options)");
        return 2;
    }
}

/// <summary>The arguments do not go together.</summary>
public sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
