using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using AlexNetMl.Cli;
using AlexNetMl.Cli.Commands;

var root = new RootCommand("Trains image networks in C#, evaluates them and hands them on as ONNX.")
{
    TrainCommand.Create(), EvaluateCommand.Create(), ExportCommand.Create(), ImportCommand.Create(), VerifyCommand.Create(), ScoreCommand.Create(), MergeCommand.Create(), PackCommand.Create(),
    NetworksCommand.Create(), DoctorCommand.Create(), CommandRunner.Verbose,
};

var arguments = root.Parse(args.Length == 0 ? ["--help"] : args);
if (Mistake(arguments) is { } mistake)
{
    Console.Error.WriteLine($"error: {mistake} (--help lists the options)");
    return ExitCodes.Usage;
}

// A stopped run writes a checkpoint first: on a slow disk and with a large network that takes its time.
return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) }).ConfigureAwait(false);

// The parser names .NET's types; all that need parsing are numbers.
internal static partial class Program
{
    [GeneratedRegex("as expected type '.*'")]
    private static partial Regex Expected();

    private static string? Mistake(ParseResult arguments)
    {
        // An option that takes several values takes a misspelt option for one.
        var options = arguments.CommandResult.Children.OfType<OptionResult>();
        if (options.SelectMany(option => option.Tokens).FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } misspelt)
        {
            return $"There is no option '{misspelt.Value}'.";
        }

        if (arguments.CommandResult.Command is RootCommand && arguments.UnmatchedTokens is [var command, ..])
        {
            return $"There is no command '{command}': take one of {string.Join(", ", arguments.RootCommandResult.Command.Children.OfType<Command>().Select(known => known.Name))}.";
        }

        return arguments.Errors.Count == 0 ? null : string.Join(" ", arguments.Errors.Select(e => Expected().Replace(e.Message, "as a number")));
    }
}
