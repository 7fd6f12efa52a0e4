using System.Text.Json.Nodes;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>alexnetml score and merge as their users call them.</summary>
[TestClass]
public sealed class ToolScoreTests : IDisposable
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");
    private static readonly (string, string)[] Task2Of3 = [("SLURM_ARRAY_TASK_ID", "9"), ("SLURM_ARRAY_TASK_MIN", "5"), ("SLURM_ARRAY_TASK_MAX", "9"), ("SLURM_ARRAY_TASK_STEP", "2"), ("SLURM_ARRAY_TASK_COUNT", "3")];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void AFolderIsScoredAndABrokenPictureIsARow()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 10, seed: 1);
        File.WriteAllText(_folder["pictures/disc/0003.png"], "no picture");
        JsonNode result = Json("score", "--model", Model, "--input", _folder["pictures"], "--out", _folder["r.jsonl"], "--top", "2", "--json");
        Assert.AreEqual((30, 30, 1, 30), ((int)result["rows"]!, (int)result["total"]!, (int)result["errors"]!, (int)result["scored"]!));
        JsonNode[] rows = [.. File.ReadLines(_folder["r.jsonl"]).Select(line => JsonNode.Parse(line)!)];
        Assert.AreEqual("disc/0003.png", (string?)rows[3]["source"]);
        Assert.IsNotNull(rows[3]["error"]);
        Assert.HasCount(29, rows.Where(row => row["labels"] is JsonArray { Count: 2 }));
    }

    [TestMethod]
    public void PicturesThatAreAllAwayStopTheCommandWhichGoesOnWhenTheyAreBack()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 10, seed: 1);
        string[] paths = [.. Directory.GetFiles(_folder["pictures"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        File.WriteAllLines(_folder["list.txt"], paths);
        string[] score = ["score", "--model", Model, "--input", _folder["list.txt"], "--out", _folder["r.jsonl"], "--batch", "4", "--max-consecutive-errors", "6", "--resume"];
        Directory.Move(_folder["pictures/standing"], _folder["pictures/away"]);
        ConsoleProcess stopped = ConsoleProcess.Tool(score);
        string error = ToolRuns.Sentence(1, stopped);
        Assert.Contains("6 pictures in a row", error);
        Assert.Contains("--max-consecutive-errors 0", error);
        int kept = File.ReadLines(_folder["r.jsonl"]).Count();
        Assert.Contains($"kept: {kept} rows", stopped.ToString());
        Assert.IsGreaterThan(0, kept);
        Assert.IsFalse(File.ReadLines(_folder["r.jsonl"]).Any(line => line.Contains("\"error\"", StringComparison.Ordinal)));
        Directory.Move(_folder["pictures/away"], _folder["pictures/standing"]);
        Assert.Contains("30 of 30 pictures, 0 errors", ConsoleProcess.Tool(score).ToString());
    }

    [TestMethod]
    public void AListATableAndStdinGiveTheSameRows()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 5, seed: 1);
        string[] paths = [.. Directory.GetFiles(_folder["pictures"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Path.GetRelativePath(_folder.Path, path)), "missing.png"];
        File.WriteAllLines(_folder["list.txt"], paths);
        File.WriteAllLines(_folder["table.csv"], ["id,picture", .. paths.Select((path, i) => $"{i},\"{path}\"")]);
        foreach ((string output, string[] input) in new[] { ("list.csv", new[] { _folder["list.txt"] }), ("table.csv.csv", [_folder["table.csv"], "--column", "picture"]) })
        {
            ConsoleProcess run = ConsoleProcess.Tool(["score", "--model", Model, "--out", _folder[output], "--input", .. input]);
            Assert.AreEqual(0, run.ExitCode, run.ToString());
            Assert.Contains("16 of 16 pictures, 1 errors", run.ToString());
        }

        ConsoleProcess piped = ConsoleProcess.Tool(string.Join('\n', paths), [], "score", "--model", Model, "--input", "-", "--root", _folder.Path, "--out", _folder["stdin.csv"]);
        Assert.AreEqual(0, piped.ExitCode, piped.ToString());
        ToolRuns.AssertSameFile(_folder["list.csv"], _folder["table.csv.csv"]);
        ToolRuns.AssertSameFile(_folder["list.csv"], _folder["stdin.csv"]);
    }

    [TestMethod]
    public void ASlurmTaskTakesItsShareAndAnExplicitOneWins()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 8, seed: 1);
        ConsoleProcess task = ConsoleProcess.Tool("", Task2Of3, Score("slurm.jsonl"));
        Assert.AreEqual(0, task.ExitCode, task.ToString());
        Assert.Contains("shard: 2/3, task 9 of a Slurm array", task.ToString());
        CollectionAssert.AreEqual(new[] { 8, 9, 10, 11, 20, 21, 22, 23 }, Rows("slurm.jsonl"));
        ConsoleProcess explicitly = ConsoleProcess.Tool("", Task2Of3, [.. Score("one.jsonl"), "--shard", "0/3"]);
        Assert.AreEqual(0, explicitly.ExitCode, explicitly.ToString());
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 12, 13, 14, 15 }, Rows("one.jsonl"));

        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("merge", "--out", _folder["all.jsonl"], _folder["one.jsonl"], _folder["slurm.jsonl"]));
        Assert.Contains("no file of shard 1/3", error);
        Assert.Contains("4-7, 16-19", error);
        JsonNode report = JsonNode.Parse(string.Join('\n', ConsoleProcess.Tool("merge", "--json", "--out", _folder["all.jsonl"], _folder["one.jsonl"], _folder["slurm.jsonl"]).Output))!;
        Assert.AreEqual(1, (int)report["missingShards"]![0]!);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void CtrlCKeepsWhatIsWritten()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 8, seed: 1);
        string[] all = Directory.GetFiles(_folder["pictures"], "*.png", SearchOption.AllDirectories);
        File.WriteAllLines(_folder["list.txt"], Enumerable.Range(0, 200_000).Select(i => all[i % all.Length]));
        string[] arguments = ["score", "--model", Model, "--input", _folder["list.txt"], "--out", _folder["r.jsonl"]];
        using var process = ConsoleProcess.StartTool(arguments);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!File.Exists(_folder["r.jsonl"]) || new FileInfo(_folder["r.jsonl"]).Length == 0)
        {
            Assert.IsTrue(!process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(1), "no rows");
            Thread.Sleep(5);
        }

        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        ConsoleProcess stopped = ConsoleProcess.WaitFor(process);
        Assert.AreEqual(130, stopped.ExitCode, stopped.ToString());
        JsonNode job = JsonNode.Parse(File.ReadAllText(_folder["r.jsonl.job"]))!;
        Assert.AreEqual(File.ReadLines(_folder["r.jsonl"]).Count(), (int)job["rows"]!);
        Assert.AreEqual(new FileInfo(_folder["r.jsonl"]).Length, (long)job["bytes"]!);
        Assert.IsFalse((bool)job["complete"]!);
    }

    [TestMethod]
    public void WhatCannotBeIsOneSentenceAndTheRightCode()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 2, seed: 1);
        ConsoleProcess first = ConsoleProcess.Tool(Score("r.jsonl"));
        Assert.AreEqual(0, first.ExitCode, first.ToString());
        byte[] written = File.ReadAllBytes(_folder["r.jsonl"]);
        Assert.Contains("--resume", ToolRuns.Sentence(2, ConsoleProcess.Tool(Score("r.jsonl"))));
        Assert.Contains("top 5 (now 3)", ToolRuns.Sentence(2, ConsoleProcess.Tool([.. Score("r.jsonl"), "--resume", "--top", "3"])));
        Assert.Contains("i/n", ToolRuns.Sentence(2, ConsoleProcess.Tool([.. Score("x.jsonl"), "--shard", "3/3"])));
        Assert.Contains(".jsonl", ToolRuns.Sentence(2, ConsoleProcess.Tool(Score("x.txt"))));
        File.WriteAllText(_folder["list.csv"], "path\npictures/disc/0000.png\n");
        Assert.Contains("is the input", ToolRuns.Sentence(2, ConsoleProcess.Tool("score", "--model", Model, "--input", _folder["list.csv"], "--out", _folder["list.csv"], "--resume")));
        Assert.Contains("--batch", ToolRuns.Sentence(2, ConsoleProcess.Tool("score", "--model", Model, "--input", _folder["pictures"], "--out", _folder["x.jsonl"], "--batch", "0")));
        Assert.Contains("no meaning", ToolRuns.Sentence(2, ConsoleProcess.Tool([.. Score("x.jsonl"), "--column", "a"])));
        Assert.Contains("does not exist", ToolRuns.Sentence(1, ConsoleProcess.Tool("score", "--model", Model, "--input", _folder["nothing"], "--out", _folder["x.jsonl"])));
        Assert.Contains("There is no model", ToolRuns.Sentence(1, ConsoleProcess.Tool("score", "--model", _folder["nothing"], "--input", _folder["pictures"], "--out", _folder["x.jsonl"])));
        Assert.Contains("does not exist", ToolRuns.Sentence(1, ConsoleProcess.Tool(Score("none/x.jsonl"))));
        Assert.Contains("does not exist", ToolRuns.Sentence(1, ConsoleProcess.Tool("merge", "--out", _folder["all.jsonl"], _folder["nothing.jsonl"])));
        Assert.Contains("step", ToolRuns.Sentence(2, ConsoleProcess.Tool("", [.. Task2Of3[..4], ("SLURM_ARRAY_TASK_COUNT", "2")], Score("x.jsonl"))));
        CollectionAssert.AreEqual(written, File.ReadAllBytes(_folder["r.jsonl"]));
        Assert.IsEmpty(Directory.GetFiles(_folder.Path, "x.*"));
    }

    [TestMethod]
    public void AFullDiskIsSaidAndTheJobGoesOnWithRoom()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 40, seed: 1);
        string[] all = Directory.GetFiles(_folder["pictures"], "*.png", SearchOption.AllDirectories);
        File.WriteAllLines(_folder["list.txt"], Enumerable.Range(0, 3000).Select(i => all[i % all.Length]));
        string[] Arguments(string output) => ["score", "--model", Model, "--input", _folder["list.txt"], "--out", output, "--threads", "1"];
        ConsoleProcess whole = ConsoleProcess.Tool(Arguments(_folder["whole.jsonl"]));
        Assert.AreEqual(0, whole.ExitCode, whole.ToString());
        using var disk = new SmallDisk(_folder["disk"], "256k");
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool(Arguments(_folder["disk/r.jsonl"])));
        Assert.Contains("No space left", error);
        disk.Remount("size=10m");
        ConsoleProcess resumed = ConsoleProcess.Tool([.. Arguments(_folder["disk/r.jsonl"]), "--resume"]);
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.DoesNotContain("resumed behind 0 rows", resumed.ToString());
        ToolRuns.AssertSameFile(_folder["whole.jsonl"], _folder["disk/r.jsonl"]);
    }

    private string[] Score(string output) => ["score", "--model", Model, "--input", _folder["pictures"], "--out", _folder[output], "--batch", "4"];

    private int[] Rows(string output) => [.. File.ReadLines(_folder[output]).Select(line => (int)JsonNode.Parse(line)!["row"]!)];

    private static JsonNode Json(params string[] arguments)
    {
        ConsoleProcess run = ConsoleProcess.Tool(arguments);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        return JsonNode.Parse(string.Join('\n', run.Output))!;
    }
}
