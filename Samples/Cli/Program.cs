using System.CommandLine;
using System.Text.RegularExpressions;
using AlexNetMl.Cli;
using AlexNetMl.Cli.Commands;

var root = new RootCommand("Trains image networks in C#, evaluates them and hands them on as ONNX.")
{
    TrainCommand.Create(), EvaluateCommand.Create(), ExportCommand.Create(), ImportCommand.Create(), VerifyCommand.Create(), ScoreCommand.Create(), MergeCommand.Create(), PackCommand.Create(),
    NetworksCommand.Create(), DoctorCommand.Create(), CommandRunner.Verbose,
};

var arguments = root.Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine($"error: {string.Join(" ", arguments.Errors.Select(e => Expected().Replace(e.Message, "as a number")))} (--help lists the options)");
    return ExitCodes.Usage;
}

// A stopped run writes a checkpoint first: on a slow disk and with a large network that takes its time.
return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) }).ConfigureAwait(false);

// The parser names .NET's types; all that need parsing are numbers.
internal static partial class Program
{
    [GeneratedRegex("as expected type '.*'")]
    private static partial Regex Expected();
}
