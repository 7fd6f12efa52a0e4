using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>alexnetml as its users rely on it.</summary>
[TestClass]
public sealed class ToolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void DoctorNamesTheEngines()
    {
        ConsoleProcess words = ConsoleProcess.Tool("doctor");
        Assert.AreEqual(0, words.ExitCode, words.ToString());
        foreach (string part in new[] { "libtorch", "ONNX Runtime", "JPEG decoder", "lossy WebP decoder", "PNG, GIF, BMP" })
        {
            Assert.IsTrue(words.Output.Any(line => line.StartsWith("ok ", StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal)), words.ToString());
        }

        JsonArray findings = Json("doctor", "--json").AsArray();
        Assert.IsTrue(findings.Any(finding => (string)finding!["part"]! == "libtorch" && (bool)finding["works"]!));
    }

    [TestMethod]
    public void ARunIsEvaluated()
    {
        JsonNode centre = Json("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--threads", "1", "--json");
        Assert.AreEqual(36, (int)centre["images"]!);
        Assert.HasCount(3, centre["classes"]!.AsArray());
        Assert.AreEqual((double)centre["top1"]!, centre["classes"]!.AsArray().Average(one => (double)one!["top1"]!), 1e-9);
        JsonNode ten = Json("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--threads", "1", "--ten-crop", "--batch", "7", "--json");
        Assert.AreEqual("TenCrop", (string)ten["crops"]!);
        Assert.AreEqual(36, (int)ten["images"]!);
        Assert.AreNotEqual((double)centre["loss"]!, (double)ten["loss"]!);

        ConsoleProcess words = ConsoleProcess.Tool("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures);
        Assert.AreEqual(0, words.ExitCode, words.ToString());
        Assert.Contains(FormattableString.Invariant($"top-1: {(double)centre["top1"]!:F4}"), words.Output);
    }

    [TestMethod]
    public void ARunWhoseScoresAreNoNumbersHasNoAccuracy()
    {
        ToolRuns.Copy(ToolRuns.Run, _folder["run"]);
        foreach (string name in new[] { "weights.safetensors", "best.safetensors" })
        {
            byte[] file = File.ReadAllBytes(_folder[$"run/{name}"]);
            file.AsSpan(8 + (int)BitConverter.ToInt64(file)).Fill(0xFF);       // NaN
            File.WriteAllBytes(_folder[$"run/{name}"], file);
        }

        Assert.Contains("none of the 36 pictures", ToolRuns.Sentence(1, ConsoleProcess.Tool("evaluate", "--model", _folder["run"], "--data", ToolRuns.Pictures)));
    }

    [TestMethod]
    public void AnOnnxFileIsEvaluated()
    {
        string model = Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");
        foreach (string label in File.ReadAllLines(Path.Combine(model, "labels.txt")))
        {
            ToolRuns.Copy(Path.Combine(ToolRuns.Pictures, "disc"), _folder[$"pictures/{label}"]);
        }

        foreach (string[] crops in new string[][] { [], ["--ten-crop"] })
        {
            JsonNode result = Json(["evaluate", "--model", model, "--data", _folder["pictures"], "--json", .. crops]);
            Assert.AreEqual(120, (int)result["images"]!);
            // The same pictures under ten labels: each is right once.
            Assert.AreEqual(0.1, (double)result["top1"]!, 1e-9);
            Assert.AreEqual(0.5, (double)result["top5"]!, 1e-9);
        }

        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("evaluate", "--model", model, "--data", ToolRuns.Pictures));
        Assert.Contains("'disc'", error);
        Assert.Contains("classes", error);
        Assert.Contains("one device", ToolRuns.Sentence(2, ConsoleProcess.Tool("evaluate", "--model", model, "--data", _folder["pictures"], "--device", "cpu,cpu")));
    }

    [TestMethod]
    public void TrainingFromACacheIsTrainingFromTheFolder()
    {
        ConsoleProcess packed = ConsoleProcess.Tool("pack", "--data", ToolRuns.Pictures, "--out", _folder["cache"], "--side", "18", "--json");
        Assert.AreEqual(0, packed.ExitCode, packed.ToString());
        Assert.AreEqual(36, (int)JsonNode.Parse(string.Concat(packed.Output))!["pictures"]!);
        SameAsFromTheFolder(_folder["cache"]);

        // A cache of the held-out pictures serves as well.
        JsonNode result = Json("evaluate", "--model", ToolRuns.Run, "--data", _folder["cache"], "--json");
        Assert.AreEqual(36, (int)result["images"]!);
        Assert.Contains("finished picture cache", ToolRuns.Sentence(1, ConsoleProcess.Tool("pack", "--data", ToolRuns.Pictures, "--out", _folder["cache"], "--side", "18")));
    }

    [TestMethod]
    public void TrainingFromAManifestIsTrainingFromTheFolder()
    {
        string[] names = [.. Names()];
        File.WriteAllText(_folder["list.tsv"], string.Concat(names.Select(name => $"{Path.Combine(ToolRuns.Pictures, name)}\t{Path.GetDirectoryName(name)}\n")));
        SameAsFromTheFolder(_folder["list.tsv"]);
    }

    [TestMethod]
    public void TrainingFromShardsIsTrainingFromTheFolder()
    {
        string[] names = [.. Names()];
        for (int shard = 0; shard < 2; shard++)
        {
            using var tar = new TarWriter(File.Create(_folder[$"train-{shard:0000}.tar"]));
            foreach (string name in names[(18 * shard)..(18 * (shard + 1))])
            {
                tar.WriteEntry(Path.Combine(ToolRuns.Pictures, name), name);
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, Path.ChangeExtension(name, ".cls")) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(Path.GetDirectoryName(name)!)) });
            }
        }

        SameAsFromTheFolder(_folder["train-{0000..0001}.tar"]);
        ConsoleProcess listed = ConsoleProcess.Tool(["train", "--data", _folder["train-0000.tar"], _folder["train-0001.tar"], .. ToolRuns.Train(_folder["listed"])[3..], "--max-steps", "1"]);
        Assert.AreEqual(0, listed.ExitCode, listed.ToString());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void AHandfulOfPicturesIsLearntAndTheReportStays(int seed)
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 40, seed);
        string run = _folder["run"];
        ConsoleProcess trained = ConsoleProcess.Tool("train", "--data", _folder["pictures"], "--seed", $"{seed}", "--out", run);
        Assert.AreEqual(0, trained.ExitCode, trained.ToString());
        Assert.DoesNotContain("note:", trained.ToString());
        double[] accuracies = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).Where(line => (string)line["kind"]! == "epoch").Select(line => (double)line["validationAccuracy"]!)];
        Assert.HasCount(20, accuracies);
        Assert.IsGreaterThan(0.7, accuracies[^1], string.Join(" ", accuracies));
        string report = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("Validation pictures", report);
        Assert.AreEqual(0, ConsoleProcess.Tool("train", "--out", run, "--resume").ExitCode);
        Assert.AreEqual(report, File.ReadAllText(Path.Combine(run, "report.html")));
    }

    [TestMethod]
    public void Bfloat16TrainsAndResumes()
    {
        string run = _folder["run"];
        string[] arguments = [.. ToolRuns.Train(run).Select(word => word == "3" ? "30" : word), "--precision", "bf16"];
        ConsoleProcess part = ConsoleProcess.Tool([.. arguments, "--max-steps", "42"]);
        Assert.AreEqual(0, part.ExitCode, part.ToString());
        ConsoleProcess resumed = ConsoleProcess.Tool([.. arguments, "--resume", "--max-steps", "60"]);
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains("resumed at step 42", resumed.ToString());
        double[] losses = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).Where(line => (string)line["kind"]! == "epoch").Select(line => (double)line["trainingLoss"]!)];
        Assert.IsLessThan(0.8 * losses[0], losses[^1]);
        JsonObject header = SafeTensorsHeader(Path.Combine(run, "weights.safetensors"));
        Assert.IsTrue(header.Where(pair => pair.Key != "__metadata__").All(pair => (string)pair.Value!["dtype"]! == "F32"), header.ToJsonString());
    }

    [TestMethod]
    public void TwoHalvesTrainAreResumedAndEvaluated()
    {
        string run = _folder["run"];
        ConsoleProcess trained = ConsoleProcess.Tool([.. ToolRuns.Train(run), "--device", "cpu,cpu", "--max-steps", "2"]);
        Assert.AreEqual(0, trained.ExitCode, trained.ToString());
        Assert.Contains("in two halves", trained.ToString());
        ConsoleProcess resumed = ConsoleProcess.Tool("train", "--out", run, "--resume", "--max-steps", "4");
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.AreEqual(36, (int)Json("evaluate", "--model", run, "--data", ToolRuns.Pictures, "--json")["images"]!);
    }

    [TestMethod]
    public void HelpIsThereForEveryCommand()
    {
        foreach (string[] arguments in new string[][] { ["--help"], ["train", "--help"], ["evaluate", "--help"], ["export", "--help"], ["verify", "--help"], ["pack", "--help"], ["doctor", "--help"], ["score", "--help"], ["merge", "--help"] })
        {
            ConsoleProcess help = ConsoleProcess.Tool(arguments);
            Assert.AreEqual(0, help.ExitCode, help.ToString());
            Assert.Contains("--verbose", help.ToString());
        }
    }

    [TestMethod]
    public void TrainingsFiguresAreOneObject()
    {
        JsonNode result = Json([.. ToolRuns.Train(_folder["run"]), "--validation", "0", "--max-steps", "2", "--json"]);
        Assert.AreEqual(2, (int)result["steps"]!);
        Assert.IsNull(result["bestTop1"]);
        Assert.IsNull(result["epochs"]![0]!["validationLoss"]);
    }

    private static IEnumerable<string> Names() =>
        Directory.GetFiles(ToolRuns.Pictures, "*.png", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(ToolRuns.Pictures, path)).Order(StringComparer.Ordinal);

    private void SameAsFromTheFolder(string data)
    {
        ConsoleProcess run = ConsoleProcess.Tool(ToolRuns.Train(_folder["run"], data));
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        foreach (string file in new[] { "weights.safetensors", "best.safetensors", "statistics.safetensors", "preprocessor_config.json" })
        {
            ToolRuns.AssertSameFile(Path.Combine(ToolRuns.Run, file), Path.Combine(_folder["run"], file));
        }
    }

    private static JsonNode Json(params string[] arguments)
    {
        ConsoleProcess run = ConsoleProcess.Tool(arguments);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        return JsonNode.Parse(string.Join('\n', run.Output))!;
    }

    private static JsonObject SafeTensorsHeader(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return JsonSerializer.Deserialize<JsonObject>(bytes.AsSpan(8, (int)BitConverter.ToInt64(bytes)))!;
    }
}
