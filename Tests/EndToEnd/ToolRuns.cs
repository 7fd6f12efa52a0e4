namespace AlexNetMl.EndToEnd.Tests;

/// <summary>Pictures and a finished small run that the tests of the console tool share; a test that changes either takes a copy.</summary>
[TestClass]
public static class ToolRuns
{
    /// <summary>Checkpoints are written every so many steps.</summary>
    internal const int CheckpointEvery = 4;

    /// <summary>Steps of the run: 32 pictures for training in eights, three epochs.</summary>
    internal const int Steps = 12;

    private static readonly Lazy<TemporaryFolder> Shared = new(() =>
    {
        var folder = new TemporaryFolder();
        DrawnPictures.Write(folder["pictures"], perClass: 12, seed: 1);
        ConsoleProcess run = ConsoleProcess.Tool(Train(folder["run"], folder["pictures"]));
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        return folder;
    });

    /// <summary>Class folders disc, lying and standing of twelve pictures each.</summary>
    internal static string Pictures => Shared.Value["pictures"];

    /// <summary>The run.</summary>
    internal static string Run => Shared.Value["run"];

    [AssemblyCleanup]
    public static void Remove()
    {
        if (Shared.IsValueCreated)
        {
            Shared.Value.Dispose();
        }
    }

    /// <summary>What the run was started with; further options may follow.</summary>
    internal static string[] Train(string run, string? pictures = null) =>
    [
        "train", "--data", pictures ?? Pictures, "--out", run, "--recipe", "default", "--side", "16", "--shorter-side", "18", "--width", "0.08", "--batch", "8",
        "--epochs", "3", "--learning-rate", "0.01", "--threads", "1", "--checkpoint-every", $"{CheckpointEvery}", "--log-every", "1",
    ];

    internal static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    internal static void AssertSameFile(string a, string b) => Assert.IsTrue(File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b)), $"{a} and {b} differ");

    /// <summary>The one sentence of a command that failed; no stack trace, nothing of .NET.</summary>
    internal static string Sentence(int exitCode, ConsoleProcess run)
    {
        Assert.AreEqual(exitCode, run.ExitCode, run.ToString());
        string error = run.Errors.Single(line => !line.StartsWith("warning: ", StringComparison.Ordinal));
        StringAssert.StartsWith(error, "error: ");
        Assert.DoesNotContain("   at ", error);
        Assert.DoesNotContain("Exception", error);
        Assert.DoesNotContain("(Parameter", error);
        Assert.DoesNotContain("System.", error);
        Assert.DoesNotContain(".tmp", error);
        return error;
    }
}
