using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>Someone pulls the plug: a run that was killed and resumed ends as if nothing had happened.</summary>
[TestClass]
public sealed class KillAndResumeTests : IDisposable
{
    private const int Steps = 200, CheckpointEvery = 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(1, 11)]
    [DataRow(2, 22)]
    [DataRow(4, 44)]
    public void FiveKillsLeaveNoTrace(int workers, int seed)
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 40, seed: 1);
        ConsoleProcess whole = ConsoleProcess.Tool(Arguments(_folder["whole"], workers));
        Assert.AreEqual(0, whole.ExitCode, whole.ToString());

        var random = new Random(seed);
        string killed = _folder["killed"];
        long seen = 0;
        for (int kill = 0; kill < 5; kill++)
        {
            using Process process = ConsoleProcess.StartTool(Arguments(killed, workers, resume: kill > 0));
            WaitForGrowth(process, Path.Combine(killed, "metrics.jsonl"), seen);
            Thread.Sleep(random.Next(0, 250));
            Assert.IsFalse(process.HasExited, $"The run was over before kill {kill + 1}: {ConsoleProcess.WaitFor(process)}");
            process.Kill();
            process.WaitForExit();
            long written = LastStep(Path.Combine(killed, "metrics.jsonl"));
            seen = Math.Max(seen, written);
            long checkpoint = NewestCheckpoint(killed);
            // The log is at most one line's steps behind the weights, and the checkpoint at most its interval behind the log.
            Assert.IsTrue(written - checkpoint <= CheckpointEvery, $"killed after step {written}, the newest checkpoint is of step {checkpoint}");
        }

        ConsoleProcess last = ConsoleProcess.Tool(Arguments(killed, workers, resume: true));
        Assert.AreEqual(0, last.ExitCode, last.ToString());
        string resumed = last.Output.Single(line => line.StartsWith("resumed at step ", StringComparison.Ordinal));
        long at = long.Parse(resumed["resumed at step ".Length..], CultureInfo.InvariantCulture);
        Assert.IsTrue(at <= seen && seen - at <= CheckpointEvery, $"{resumed}, killed after step {seen}");
        Assert.Contains($"steps: {Steps - at} in this session, {Steps} in all", last.ToString());

        foreach (string file in new[] { "weights.safetensors", "best.safetensors" })
        {
            Assert.AreEqual(Hash(_folder["whole"], file), Hash(killed, file), file);
        }

        CollectionAssert.AreEqual(Metrics(_folder["whole"]), Metrics(killed));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [DataRow(2)]            // SIGINT, Ctrl+C
    [DataRow(15)]           // SIGTERM
    public void ASignalLeavesACheckpointOfTheVeryStep(int signal)
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 40, seed: 1);
        string run = _folder["run"];
        using Process process = ConsoleProcess.StartTool([.. Arguments(run, 1)[..^1], "100000"]);
        WaitForGrowth(process, Path.Combine(run, "metrics.jsonl"), 0);
        Assert.AreEqual(0, Kill(process.Id, signal));
        ConsoleProcess stopped = ConsoleProcess.WaitFor(process);
        Assert.AreEqual(130, stopped.ExitCode, stopped.ToString());
        long checkpoint = NewestCheckpoint(run), written = LastStep(Path.Combine(run, "metrics.jsonl"));
        Assert.IsTrue(checkpoint >= written, $"stopped after step {written}, checkpoint of step {checkpoint}");
        Assert.Contains($"checkpoint of step {checkpoint}", stopped.ToString());

        ConsoleProcess resumed = ConsoleProcess.Tool([.. Arguments(run, 1, resume: true)[..^1], (checkpoint + 5).ToString(CultureInfo.InvariantCulture)]);
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains($"resumed at step {checkpoint}", resumed.ToString());
    }

    private string[] Arguments(string run, int workers, bool resume = false) =>
    [
        "train", "--data", _folder["pictures"], "--validation", "0.1", "--recipe", "default", "--side", "24", "--shorter-side", "28", "--width", "0.1", "--batch", "16", "--epochs", "60", "--learning-rate", "0.005",
        "--seed", "3", "--threads", "1", "--workers", workers.ToString(CultureInfo.InvariantCulture), "--checkpoint-every", $"{CheckpointEvery}", "--log-every", "1", "--out", run,
        .. resume ? (string[])["--resume"] : [], "--max-steps", $"{Steps}",
    ];

    private static void WaitForGrowth(Process process, string metrics, long seen)
    {
        var clock = Stopwatch.StartNew();
        while (LastStep(metrics) <= seen)
        {
            if (process.HasExited)
            {
                Assert.Fail($"The run ended by itself: {ConsoleProcess.WaitFor(process)}");
            }

            Assert.IsTrue(clock.Elapsed < TimeSpan.FromMinutes(2), "metrics.jsonl does not grow");
            Thread.Sleep(2);
        }
    }

    private static JsonObject[] Lines(string metrics)
    {
        if (!File.Exists(metrics))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        string text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    private static long LastStep(string metrics) => Lines(metrics).LastOrDefault() is { } line ? (long)line["step"]! : 0;

    // What the clock says differs between two runs; nothing else may.
    private static string[] Metrics(string run) => [.. Lines(Path.Combine(run, "metrics.jsonl")).Select(line =>
    {
        Assert.IsTrue(line.Remove("seconds") && line.Remove("imagesPerSecond"));
        return line.ToJsonString();
    })];

    private static long NewestCheckpoint(string run) =>
        Directory.Exists(Path.Combine(run, "checkpoints"))
            ? Directory.GetDirectories(Path.Combine(run, "checkpoints")).Select(Path.GetFileName).Where(name => long.TryParse(name, out _)).Select(name => long.Parse(name!, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max()
            : 0;

    private static string Hash(string run, string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(run, file))));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
