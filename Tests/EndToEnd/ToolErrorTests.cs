using System.Globalization;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>What goes wrong around a run ends in one sentence, the right exit code and a run that can be resumed.</summary>
[TestClass]
public sealed class ToolErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void AFullDiskLeavesAWholeCheckpointAndTheRunGoesOnWithRoom()
    {
        using var disk = new SmallDisk(_folder["disk"], "3m");          // two checkpoints and the best weights, not a third
        string run = _folder["disk/run"];
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(run)));
        Assert.Contains("No space left", error);
        Assert.Contains($"checkpoint of step {ToolRuns.Steps - ToolRuns.CheckpointEvery} is whole", error);
        Assert.IsEmpty(Directory.GetFiles(_folder["disk"], "*.tmp", SearchOption.AllDirectories));

        // Still full: another sentence, and the run as it was.
        Assert.Contains("No space left", ToolRuns.Sentence(1, ConsoleProcess.Tool(Resume(run))));
        disk.Remount("size=30m");
        Goes(on: run, from: ToolRuns.Steps - ToolRuns.CheckpointEvery);
    }

    [TestMethod]
    public void ACacheIsNotBuiltAmongOtherFiles()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 2, seed: 1);
        string[] before = Directory.GetFileSystemEntries(_folder["pictures"]);
        Assert.Contains("a folder of its own", ToolRuns.Sentence(1, ConsoleProcess.Tool("pack", "--data", _folder["pictures"], "--out", _folder["pictures"], "--overwrite")));
        CollectionAssert.AreEquivalent(before, Directory.GetFileSystemEntries(_folder["pictures"]));
    }

    [TestMethod]
    public void AMisspeltOptionOrCommandIsNamed()
    {
        Assert.Contains("no option '--lr'", ToolRuns.Sentence(2, ConsoleProcess.Tool("train", "--data", ToolRuns.Pictures, "--lr", "0.1")));
        Assert.Contains("no option '--svgg'", ToolRuns.Sentence(2, ConsoleProcess.Tool("networks", "--arch", "resnet18", "--svgg", "x.svg")));
        Assert.Contains("no command 'trian': take one of train, ", ToolRuns.Sentence(2, ConsoleProcess.Tool("trian", "--data", "x")));
        ConsoleProcess bare = ConsoleProcess.Tool();
        Assert.AreEqual(0, bare.ExitCode);
        Assert.Contains("Usage:", bare.ToString());
    }

    [TestMethod]
    public void ADiskTooSmallForTheFirstFilesLeavesNoRun()
    {
        using var disk = new SmallDisk(_folder["disk"], "4k");
        string run = _folder["disk/run"];
        Assert.Contains("No space left", ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(run))));
        Assert.IsFalse(File.Exists(Path.Combine(run, "run.json")));
        disk.Remount("size=30m");
        ConsoleProcess again = ConsoleProcess.Tool([.. ToolRuns.Train(run), "--max-steps", "1"]);
        Assert.AreEqual(0, again.ExitCode, again.ToString());
    }

    [TestMethod]
    public void AReadOnlyRunFolderIsSaidAndReadable()
    {
        using var disk = new SmallDisk(_folder["disk"], "10m");
        string run = _folder["disk/run"];
        ToolRuns.Copy(ToolRuns.Run, run);
        disk.Remount("ro");
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(Resume(run)));
        Assert.Contains(run, error);
        Assert.Contains("Read-only", error);
        ConsoleProcess evaluated = ConsoleProcess.Tool("evaluate", "--model", run, "--data", ToolRuns.Pictures);
        Assert.AreEqual(0, evaluated.ExitCode, evaluated.ToString());
    }

    [TestMethod]
    public void AFullDiskLeavesNoCache()
    {
        // 64 squares of 3 × 16 KiB just fill the disk: the index has no room.
        DrawnPictures.Write(_folder["pictures"], perClass: 32, seed: 1);
        Directory.Delete(_folder["pictures/disc"], recursive: true);
        using var disk = new SmallDisk(_folder["disk"], "3m");
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("pack", "--data", _folder["pictures"], "--out", _folder["disk/cache"], "--side", "128"));
        Assert.Contains("No space left", error);
        Assert.Contains(_folder["disk/cache"], error);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder["disk"]));

        // Too little from the start is said before anything is decoded.
        Assert.Contains("make room", ToolRuns.Sentence(1, ConsoleProcess.Tool("pack", "--data", _folder["pictures"], "--out", _folder["disk/cache"], "--side", "160")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder["disk"]));
    }

    [TestMethod]
    public void ATruncatedCheckpointIsPassedOverAndSaidSo()
    {
        string run = Stopped();
        string damaged = Path.Combine(run, "checkpoints", $"{ToolRuns.Steps}", "optimizer.safetensors");
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..^100]);
        ConsoleProcess resumed = Goes(on: run, from: ToolRuns.Steps - ToolRuns.CheckpointEvery);
        Assert.Contains(damaged, resumed.Output.Single(line => line.StartsWith("warning: ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void DamagedFilesOfARunAreNamed()
    {
        string[] checkpoints = [.. Directory.GetDirectories(Path.Combine(ToolRuns.Run, "checkpoints")).Select(step => Path.Combine("checkpoints", Path.GetFileName(step), "weights.safetensors"))];
        Assert.Contains("No checkpoint", Damaged("all", checkpoints[0], bytes => bytes[..^1], checkpoints));
        Damaged("description", "run.json", bytes => bytes[..(bytes.Length / 2)]);
        Damaged("values", "run.json", bytes => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes).Replace("\"width\": 0.08", "\"width\": 80", StringComparison.Ordinal)));
        Damaged("preprocessing", "preprocessor_config.json", bytes => bytes[..(bytes.Length / 2)]);
        Damaged("statistics", "statistics.safetensors", bytes => bytes[..(bytes.Length / 2)]);
    }

    [TestMethod]
    public void ATornLogIsNoHindrance()
    {
        string run = Stopped();
        string log = Path.Combine(run, "metrics.jsonl");
        string[] lines = File.ReadAllLines(log);
        File.WriteAllText(log, string.Join('\n', [.. lines[..3], "{\"kind\":\"st", "{\"step\":1,\"step\":2}", "{\"step\":2,\"kind\":7}", "\0\0\0", .. lines[3..]]) + "\n{\"kind\":\"step\",\"step\":1");
        Goes(on: run, from: ToolRuns.Steps);
        string[] after = File.ReadAllLines(log);
        CollectionAssert.IsSubsetOf(lines, after);
        Assert.DoesNotContain("{\"kind\":\"st", after);
    }

    [TestMethod]
    public void ADamagedCacheIsNamedWithItsPicture()
    {
        string cache = _folder["cache"];
        ConsoleProcess packed = ConsoleProcess.Tool("pack", "--data", ToolRuns.Pictures, "--out", cache, "--side", "18");
        Assert.AreEqual(0, packed.ExitCode, packed.ToString());
        string pixels = Path.Combine(cache, "pixels.bin");
        byte[] bytes = File.ReadAllBytes(pixels);
        bytes[(20 * 3 * 18 * 18) + 5] ^= 1;
        File.WriteAllBytes(pixels, bytes);
        string run = _folder["run"];
        foreach (string[] handling in new string[][] { [], ["--skip-broken"] })
        {
            // A damaged cache is no broken picture: it is not skipped.
            string error = ToolRuns.Sentence(1, ConsoleProcess.Tool([.. ToolRuns.Train(run, cache), "--validation", "0", .. handling]));
            Assert.Contains(cache, error);
            Assert.Contains("lying/0008.png", error);
            Assert.IsFalse(Directory.Exists(run), "something was left of the run");
        }

        File.WriteAllBytes(pixels, bytes[..^1]);
        Assert.Contains("pixels.bin", ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(run, cache))));
    }

    [TestMethod]
    public void AManifestWithAMissingFileIsNamedWithItsLine()
    {
        File.WriteAllText(_folder["list.csv"], $"path,label\n{ToolRuns.Pictures}/disc/0000.png,disc\nnowhere.png,lying\n");
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(_folder["run"], _folder["list.csv"])));
        Assert.Contains("list.csv, line 3", error);
        Assert.Contains("nowhere.png", error);
        Assert.IsFalse(Directory.Exists(_folder["run"]));
    }

    [TestMethod]
    public void LabelsThatDoNotMatchAreNamed()
    {
        ToolRuns.Copy(Path.Combine(ToolRuns.Pictures, "disc"), _folder["validation/disc"]);
        ToolRuns.Copy(Path.Combine(ToolRuns.Pictures, "lying"), _folder["validation/lying"]);
        Assert.Contains("'standing'", ToolRuns.Sentence(1, ConsoleProcess.Tool([.. ToolRuns.Train(_folder["run"]), "--validation", _folder["validation"]])));
        ToolRuns.Copy(Path.Combine(ToolRuns.Pictures, "standing"), _folder["validation/upright"]);
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool([.. ToolRuns.Train(_folder["run"]), "--validation", _folder["validation"]]));
        Assert.Contains("'standing'", error);
        Assert.Contains("'upright'", error);
        Assert.IsFalse(Directory.Exists(_folder["run"]));
    }

    [TestMethod]
    public void BrokenPicturesStopOrAreCounted()
    {
        ToolRuns.Copy(ToolRuns.Pictures, _folder["pictures"]);
        File.WriteAllText(_folder["pictures/disc/notes.png"], "these are my notes");
        Assert.Contains("notes.png", ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(_folder["run"], _folder["pictures"]))));
        Assert.IsFalse(Directory.Exists(_folder["run"]));
        string[] skipping = [.. ToolRuns.Train(_folder["run"], _folder["pictures"]), "--validation", "0", "--skip-broken", "--max-steps"];
        ConsoleProcess run = ConsoleProcess.Tool([.. skipping, "2"]);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.Contains("left out: 1 broken pictures", run.ToString());
        // Not given again, it is as it was.
        ConsoleProcess resumed = ConsoleProcess.Tool("train", "--out", _folder["run"], "--resume", "--max-steps", "3");
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
    }

    [TestMethod]
    public void AnotherRunThanTheOneThereIsRefused()
    {
        byte[] before = File.ReadAllBytes(Path.Combine(ToolRuns.Run, "run.json"));
        foreach ((string option, string value, string named) in new[] { ("--width", "0.5", "network.width"), ("--recipe", "paper", "recipe"), ("--seed", "9", "seed") })
        {
            string[] arguments = Resume(ToolRuns.Run);
            int at = Array.IndexOf(arguments, option);
            string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(at < 0 ? [.. arguments, option, value] : [.. arguments[..(at + 1)], value, .. arguments[(at + 2)..]]));
            Assert.Contains(named, error);
        }

        Assert.Contains("--resume", ToolRuns.Sentence(2, ConsoleProcess.Tool(ToolRuns.Train(ToolRuns.Run))));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(ToolRuns.Run, "run.json")));
    }

    [TestMethod]
    public void ResumingAnEmptyFolderStartsAnewAndSaysSo()
    {
        ConsoleProcess run = ConsoleProcess.Tool([.. Resume(_folder["run"]), "--max-steps", "1"]);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.Contains("starts anew", run.ToString());
        Assert.DoesNotContain("resumed at", run.ToString());
    }

    [TestMethod]
    [DataRow("--arch", "resnet")]
    [DataRow("--batch", "0")]
    [DataRow("--checkpoint-every", "0")]
    [DataRow("--device", "tpu")]
    [DataRow("--drop-layer", "conv1")]
    [DataRow("--epochs", "-1")]
    [DataRow("--learning-rate", "fast")]
    [DataRow("--max-steps", "-5")]
    [DataRow("--precision", "fp8")]
    [DataRow("--recipe", "best")]
    [DataRow("--side", "3")]
    [DataRow("--shorter-side", "15")]
    [DataRow("--validation", "1.5")]
    [DataRow("--validation", "-1")]
    [DataRow("--width", "NaN")]
    public void WhatCanNeverBeIsWrongUsage(string option, string value)
    {
        string[] arguments = ToolRuns.Train(_folder["run"], "pictures-that-are-not-looked-at");
        int at = Array.IndexOf(arguments, option);
        string error = ToolRuns.Sentence(2, ConsoleProcess.Tool(at < 0 ? [.. arguments, option, value] : [.. arguments[..(at + 1)], value, .. arguments[(at + 2)..]]));
        Assert.Contains(value, error);
        Assert.IsFalse(Directory.Exists(_folder["run"]));
    }

    [TestMethod]
    [DataRow("--recipe", "paper")]
    [DataRow("--patience", "3")]
    public void WhatGoesByValidationPicturesNeedsSome(string option, string value)
    {
        string[] arguments = [.. ToolRuns.Train(_folder["run"], "pictures-that-are-not-looked-at"), "--validation", "0"];
        int at = Array.IndexOf(arguments, option);
        Assert.Contains("--validation", ToolRuns.Sentence(2, ConsoleProcess.Tool(at < 0 ? [.. arguments, option, value] : [.. arguments[..(at + 1)], value, .. arguments[(at + 2)..]])));
        Assert.IsFalse(Directory.Exists(_folder["run"]));
    }

    [TestMethod]
    public void APictureThatGoesBadEndsTheRunAndCanBeLeftOut()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 12, seed: 1);
        string[] train = ToolRuns.Train(_folder["run"], _folder["pictures"]);
        Assert.AreEqual(0, ConsoleProcess.Tool([.. train, "--max-steps", "6"]).ExitCode);
        string broken = Path.Combine(_folder["pictures"], "disc", "0003.png");
        File.WriteAllText(broken, "no picture");
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool([.. train, "--resume"]));
        Assert.Contains(broken, error);
        Assert.Contains("--resume --skip-broken", error);
        Assert.Contains("with --skip-broken", ToolRuns.Sentence(1, ConsoleProcess.Tool(ToolRuns.Train(_folder["new"], _folder["pictures"]))));
        ConsoleProcess resumed = ConsoleProcess.Tool([.. train, "--resume", "--skip-broken"]);
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains("left out: 1 broken pictures", resumed.ToString());
        Assert.Contains(broken, File.ReadAllText(Path.Combine(_folder["run"], "skipped.txt")));
    }

    [TestMethod]
    public void WrongUsageOfTheOtherCommands()
    {
        Assert.Contains("ShorterSide", ToolRuns.Sentence(2, ConsoleProcess.Tool("pack", "--data", ToolRuns.Pictures, "--out", _folder["cache"], "--side", "0")));
        Assert.Contains("batch", ToolRuns.Sentence(2, ConsoleProcess.Tool("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--batch", "0")));
        Assert.Contains("tpu", ToolRuns.Sentence(2, ConsoleProcess.Tool("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--device", "tpu")));
        Assert.Contains("--data", ToolRuns.Sentence(2, ConsoleProcess.Tool("train", "--out", _folder["run"])));
        Assert.Contains("nowhere", ToolRuns.Sentence(1, ConsoleProcess.Tool("evaluate", "--model", "nowhere", "--data", ToolRuns.Pictures)));
    }

    [TestMethod]
    public void ADeviceThatIsNotThereIsAFailure()
    {
        if (TorchSharp.torch.cuda.is_available())
        {
            Assert.Inconclusive("This machine has CUDA.");
        }

        Assert.Contains("CUDA", ToolRuns.Sentence(1, ConsoleProcess.Tool([.. ToolRuns.Train(_folder["run"]), "--device", "cuda:0"])));
        Assert.IsFalse(Directory.Exists(_folder["run"]));
        ConsoleProcess verbose = ConsoleProcess.Tool([.. ToolRuns.Train(_folder["run"]), "--device", "cuda:0", "--verbose"]);
        Assert.Contains("   at ", string.Join('\n', verbose.Errors.Select(line => $"   {line}")));
    }

    private static string[] Resume(string run) => [.. ToolRuns.Train(run), "--resume"];

    // A copy of the finished run as if it had been asked to stop there.
    private string Stopped()
    {
        ToolRuns.Copy(ToolRuns.Run, _folder["run"]);
        return _folder["run"];
    }

    private string Damaged(string name, string file, Func<byte[], byte[]> damage, string[]? files = null)
    {
        string run = _folder[name];
        ToolRuns.Copy(ToolRuns.Run, run);
        foreach (string one in files ?? [file])
        {
            byte[] before = File.ReadAllBytes(Path.Combine(run, one)), after = damage(before);
            Assert.IsFalse(before.AsSpan().SequenceEqual(after), "nothing was damaged");
            File.WriteAllBytes(Path.Combine(run, one), after);
        }

        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("train", "--out", run, "--resume"));
        Assert.Contains(Path.GetFileName(file), error);
        Assert.Contains(run, error);
        ToolRuns.AssertSameFile(Path.Combine(ToolRuns.Run, "weights.safetensors"), Path.Combine(run, "weights.safetensors"));
        return error;
    }

    private static ConsoleProcess Goes(string on, int from)
    {
        ConsoleProcess resumed = ConsoleProcess.Tool(Resume(on));
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"resumed at step {from}"), resumed.ToString());
        ToolRuns.AssertSameFile(Path.Combine(ToolRuns.Run, "weights.safetensors"), Path.Combine(on, "weights.safetensors"));
        return resumed;
    }
}
