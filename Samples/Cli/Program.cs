using System.CommandLine;
using AlexNetMl.Cli;
using AlexNetMl.Cli.Commands;

var root = new RootCommand("Trains image networks in C#, evaluates them and packs their pictures.")
{
    TrainCommand.Create(), EvaluateCommand.Create(), PackCommand.Create(), DoctorCommand.Create(), CommandRunner.Verbose,
};

var arguments = root.Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine($"error: {string.Join(" ", arguments.Errors.Select(e => e.Message))} (--help lists the options)");
    return ExitCodes.Usage;
}

// A stopped run writes a checkpoint first: on a slow disk and with a large network that takes its time.
return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) }).ConfigureAwait(false);
