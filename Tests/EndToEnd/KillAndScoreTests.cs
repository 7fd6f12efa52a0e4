using System.Diagnostics;
using System.Globalization;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>Someone pulls the plug on alexnetml score, again and again: the rows end as if nothing had happened, and none is scored twice.</summary>
[TestClass]
public sealed class KillAndScoreTests : IDisposable
{
    private const int Batch = 8;
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void TwentyKillsLoseAndDoubleNoRow()
    {
        const int Kills = 20;
        string[] pictures = WritePictures(12_000);
        ConsoleProcess whole = ConsoleProcess.Tool(Score("whole.jsonl"));
        Assert.AreEqual(0, whole.ExitCode, whole.ToString());
        byte[] expected = File.ReadAllBytes(_folder["whole.jsonl"]);

        var random = new Random(20);
        string output = _folder["killed.jsonl"];
        int durable = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            using Process process = ConsoleProcess.StartTool([.. Score("killed.jsonl"), "--resume"]);
            WaitForGrowth(process, output, durable);
            Thread.Sleep(random.Next(0, 60));
            Assert.IsFalse(process.HasExited, $"The run was over before kill {kill}: {ConsoleProcess.WaitFor(process)}");
            process.Kill();
            process.WaitForExit();
            if (kill > 1)
            {
                Assert.Contains($"resumed behind {durable} rows", process.StandardOutput.ReadToEnd());
            }

            byte[] written = File.ReadAllBytes(output);
            int lines = written.Count(value => value == '\n');
            Assert.IsGreaterThan(durable, lines);
            Assert.IsTrue(expected.AsSpan().StartsWith(written.AsSpan(0, written.AsSpan().LastIndexOf((byte)'\n') + 1)), $"kill {kill}: what is written differs from the undisturbed run");

            // Whoever scored one of these again would find no picture, and write another row.
            foreach (string picture in pictures[durable..lines])
            {
                File.Delete(picture);
            }

            durable = lines;
        }

        ConsoleProcess last = ConsoleProcess.Tool([.. Score("killed.jsonl"), "--resume"]);
        Assert.AreEqual(0, last.ExitCode, last.ToString());
        Assert.Contains($"resumed behind {durable} rows", last.ToString());
        Assert.Contains($"scored: {pictures.Length - durable} in this session", last.ToString());
        Assert.IsTrue(expected.AsSpan().SequenceEqual(File.ReadAllBytes(output)), "the resumed output differs from the undisturbed run's");
    }

    [TestMethod]
    public void FourShardsOneOfThemKilledMergeToTheWhole()
    {
        WritePictures(2000);
        ConsoleProcess whole = ConsoleProcess.Tool(Score("whole.csv"));
        Assert.AreEqual(0, whole.ExitCode, whole.ToString());
        string[] names = [.. Enumerable.Range(0, 4).Select(i => $"r.{i}.csv")];
        using (Process victim = ConsoleProcess.StartTool([.. Score(names[2]), "--shard", "2/4", "--resume"]))
        {
            WaitForGrowth(victim, _folder[names[2]], 1);
            victim.Kill();
            victim.WaitForExit();
        }

        Process[] others = [.. new[] { 0, 1, 3 }.Select(i => ConsoleProcess.StartTool([.. Score(names[i]), "--shard", $"{i}/4"]))];
        foreach (Process process in others)
        {
            ConsoleProcess ended = ConsoleProcess.WaitFor(process);
            Assert.AreEqual(0, ended.ExitCode, ended.ToString());
            process.Dispose();
        }

        string all = _folder["all.csv"];
        string[] files = [.. names.Select(name => _folder[name])];
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(["merge", "--out", all, .. files]));
        Assert.Contains($"'{files[2]}' not finished", error);
        Assert.IsFalse(File.Exists(all));

        int durable = File.ReadAllBytes(files[2]).Count(value => value == '\n') - 1;
        ConsoleProcess resumed = ConsoleProcess.Tool([.. Score(names[2]), "--shard", "2/4", "--resume"]);
        Assert.Contains($"resumed behind {durable} rows", resumed.ToString());
        ConsoleProcess merged = ConsoleProcess.Tool(["merge", "--out", all, .. files.Reverse()]);
        Assert.AreEqual(0, merged.ExitCode, merged.ToString());
        Assert.IsTrue(File.ReadAllBytes(_folder["whole.csv"]).AsSpan().SequenceEqual(File.ReadAllBytes(all)), "the shards differ from the undisturbed run");
    }

    // A list, because killed runs' pictures go: a folder without them would be another input.
    private string[] Score(string output) =>
        ["score", "--model", Model, "--input", _folder["list.txt"], "--out", _folder[output], "--batch", Batch.ToString(CultureInfo.InvariantCulture), "--threads", "1"];

    private string[] WritePictures(int count)
    {
        DrawnPictures.Write(_folder["drawn"], perClass: 40, seed: 2);
        byte[][] drawn = [.. Directory.GetFiles(_folder["drawn"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Directory.CreateDirectory(_folder["pictures"]);
        string[] paths = [.. Enumerable.Range(0, count).Select(i => _folder[$"pictures/{i:D5}.png"])];
        for (int i = 0; i < count; i++)
        {
            // Some cannot be read: their rows are errors, and stay so.
            File.WriteAllBytes(paths[i], i % 97 == 5 ? drawn[i % drawn.Length][..40] : drawn[i % drawn.Length]);
        }

        File.WriteAllLines(_folder["list.txt"], paths.Select(path => Path.GetRelativePath(_folder.Path, path)));
        return paths;
    }

    private static void WaitForGrowth(Process process, string output, int lines)
    {
        var clock = Stopwatch.StartNew();
        while (!File.Exists(output) || Lines(output) <= lines)
        {
            if (process.HasExited)
            {
                Assert.Fail($"The run ended by itself: {ConsoleProcess.WaitFor(process)}");
            }

            Assert.IsTrue(clock.Elapsed < TimeSpan.FromMinutes(1), "The output does not grow.");
            Thread.Sleep(1);
        }
    }

    private static int Lines(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        return bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).Count((byte)'\n');
    }
}
