using System.Diagnostics;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>A program as a user runs it: a process, its exit code and what it prints.</summary>
internal sealed record ConsoleProcess(int ExitCode, string[] Output, string[] Errors)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The sample of the main job.</summary>
    public static ConsoleProcess Quickstart(params string[] arguments) => Run("Quickstart.dll", arguments);

    /// <summary>The console tool.</summary>
    public static ConsoleProcess Tool(params string[] arguments) => Run("alexnetml.dll", arguments);

    /// <summary>Any program beside the tests, such as a sample.</summary>
    public static ConsoleProcess Program(string name, params string[] arguments) => Run($"{name}.dll", arguments);

    /// <summary>The console tool, with a text on its stdin and further environment variables.</summary>
    public static ConsoleProcess Tool(string input, (string Name, string Value)[] environment, params string[] arguments)
    {
        using Process process = Start("alexnetml.dll", arguments, environment, redirectInput: true);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return WaitFor(process);
    }

    /// <summary>Starts the console tool without waiting for it.</summary>
    public static Process StartTool(params string[] arguments) => Start("alexnetml.dll", arguments);

    /// <summary>Waits for a process that <see cref="StartTool"/> began.</summary>
    public static ConsoleProcess WaitFor(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The program did not end within {Limit}: {output.Result}{errors.Result}");
        }

        return new ConsoleProcess(process.ExitCode, Lines(output.Result), Lines(errors.Result));
    }

    public override string ToString() => $"exit {ExitCode}\n{string.Join('\n', Output)}\n{string.Join('\n', Errors)}";

    private static ConsoleProcess Run(string program, string[] arguments)
    {
        using Process process = Start(program, arguments);
        return WaitFor(process);
    }

    private static Process Start(string program, string[] arguments, (string Name, string Value)[]? environment = null, bool redirectInput = false)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = redirectInput };
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
