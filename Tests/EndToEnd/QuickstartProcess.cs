using System.Diagnostics;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>The sample as a user runs it: a process, its exit code and what it prints.</summary>
internal sealed record QuickstartProcess(int ExitCode, string[] Output, string[] Errors)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static QuickstartProcess Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Quickstart.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The sample did not end within {Limit}: {output.Result}{errors.Result}");
        }

        return new QuickstartProcess(process.ExitCode, Lines(output.Result), Lines(errors.Result));
    }

    public override string ToString() => $"exit {ExitCode}\n{string.Join('\n', Output)}\n{string.Join('\n', Errors)}";

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
