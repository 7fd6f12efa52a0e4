using System.Text.Json.Nodes;
using AlexNetMl.Imaging;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>alexnetml export and verify as their users rely on them.</summary>
[TestClass]
public sealed class ToolExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void AnExportedRunScoresAsTheRunDoes()
    {
        JsonNode run = Json("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--json");
        JsonNode tenOfRun = Json("evaluate", "--model", ToolRuns.Run, "--data", ToolRuns.Pictures, "--ten-crop", "--json");
        foreach ((string name, string[] options, JsonNode expected, double tolerance) in new (string, string[], JsonNode, double)[]
        {
            ("plain", [], run, 1e-5),
            ("old", ["--opset", "13", "--lrn-node", "--logits"], run, 1e-5),
            ("new", ["--opset", "21", "--features", "fc7", "pool5"], run, 1e-5),
            ("half", ["--fp16"], run, 2e-3),
            ("bytes", ["--uint8-input"], run, 1e-5),
            ("ten", ["--ten-crop"], tenOfRun, 1e-5),
        })
        {
            JsonNode export = Json(["export", "--run", ToolRuns.Run, "--out", _folder[name], "--json", .. options]);
            Assert.IsLessThanOrEqualTo(1e-5, (double)export["worstRelativeDifference"]!, name);
            CollectionAssert.IsSubsetOf(new[] { "README.md", "labels.txt", "model.onnx", "preprocessor_config.json" }, Directory.GetFiles(_folder[name]).Select(Path.GetFileName).ToArray());
            JsonNode scored = Json("evaluate", "--model", _folder[name], "--data", ToolRuns.Pictures, "--json");
            Assert.AreEqual((double)expected["loss"]!, (double)scored["loss"]!, tolerance, name);
            Assert.AreEqual((string)expected["crops"]!, (string)scored["crops"]!, name);
            JsonNode verified = Json("verify", "--model", _folder[name], "--json");
            Assert.IsTrue((bool)verified["passed"]!, name);
            Assert.AreEqual("CPUExecutionProvider", (string)verified["provider"]!);
        }

        Assert.AreEqual("21", Json("verify", "--model", _folder["new"], "--json")["opset"]!.ToString());
        Assert.HasCount(3, Json("verify", "--model", _folder["new"], "--json")["outputs"]!.AsArray());
        Assert.IsLessThan(0.6 * new FileInfo(_folder["plain/model.onnx"]).Length, new FileInfo(_folder["half/model.onnx"]).Length);
        Assert.AreEqual("Float16", (string)Json("verify", "--model", _folder["half"], "--json")["precision"]!);
    }

    [TestMethod]
    public void TheWindowsOfAFileThatTakesBytesAreThoseInside()
    {
        Json("export", "--run", ToolRuns.Run, "--out", _folder["bytes"], "--uint8-input", "--json");
        Json("export", "--run", ToolRuns.Run, "--out", _folder["ten"], "--ten-crop", "--json");
        string error = ToolRuns.Sentence(2, ConsoleProcess.Tool("evaluate", "--model", _folder["bytes"], "--data", ToolRuns.Pictures, "--ten-crop"));
        Assert.Contains("export one with --ten-crop", error);
        foreach (string[] asked in new string[][] { [], ["--ten-crop"] })
        {
            ConsoleProcess ten = ConsoleProcess.Tool(["evaluate", "--model", _folder["ten"], "--data", ToolRuns.Pictures, .. asked]);
            Assert.AreEqual(0, ten.ExitCode, ten.ToString());
            Assert.Contains("ten windows each", ten.ToString());
        }
    }

    [TestMethod]
    public void ATooThinPictureIsABrokenOneForAFileThatTakesBytes()
    {
        Json("export", "--run", ToolRuns.Run, "--out", _folder["bytes"], "--uint8-input", "--json");
        ToolRuns.Copy(ToolRuns.Pictures, _folder["pictures"]);
        File.WriteAllBytes(_folder["pictures/disc/thread.png"], PngEncoder.Encode(new RgbImage(300_000, 1)));
        string[] arguments = ["evaluate", "--model", _folder["bytes"], "--data", _folder["pictures"], "--json"];
        Assert.Contains("thread.png: ", ToolRuns.Sentence(1, ConsoleProcess.Tool(arguments)));
        JsonNode result = Json([.. arguments, "--skip-broken"]);
        Assert.AreEqual((36, 1), ((int)result["images"]!, (int)result["skippedImages"]!));
    }

    [TestMethod]
    public void TheCardSaysWhatWasMeasured()
    {
        ConsoleProcess export = ConsoleProcess.Tool("export", "--run", ToolRuns.Run, "--out", _folder["drawn"], "--evaluate", ToolRuns.Pictures, "--author", "A. Person", "--licence", "MIT");
        Assert.AreEqual(0, export.ExitCode, export.ToString());
        string card = File.ReadAllText(_folder["drawn/README.md"]);
        JsonNode scored = Json("evaluate", "--model", _folder["drawn"], "--data", ToolRuns.Pictures, "--json");
        foreach (string part in new[] { "# drawn", FormattableString.Invariant($"top-1 **{(double)scored["top1"]!:F4}**"), "36 pictures", "A. Person", "MIT", "width 0.08", "[batch, 3, 16, 16]" })
        {
            Assert.Contains(part, card);
        }
    }

    [TestMethod]
    public void WeightsAloneAreExportedToo()
    {
        ConsoleProcess export = ConsoleProcess.Tool(
            "export", "--weights", Path.Combine(ToolRuns.Run, "weights.safetensors"), "--classes", "3", "--width", "0.08", "--side", "16", "--out", _folder["alone.onnx"],
            "--preprocessing", Path.Combine(ToolRuns.Run, "preprocessor_config.json"));
        Assert.AreEqual(0, export.ExitCode, export.ToString());
        Assert.AreEqual(0, ConsoleProcess.Tool("verify", "--model", _folder["alone.onnx"]).ExitCode);
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("export", "--weights", Path.Combine(ToolRuns.Run, "weights.safetensors"), "--classes", "7", "--width", "0.08", "--side", "16", "--out", _folder["wrong.onnx"]));
        Assert.Contains("fc8", error);
        Assert.IsFalse(File.Exists(_folder["wrong.onnx"]));
    }

    [TestMethod]
    public void AFileThatComputesSomethingElseIsRefused()
    {
        Assert.AreEqual(0, ConsoleProcess.Tool("export", "--run", ToolRuns.Run, "--out", _folder["model"]).ExitCode);
        byte[] bytes = File.ReadAllBytes(_folder["model/model.onnx"]);
        bytes.AsSpan(bytes.Length / 2, 4000).Clear(); // a thousand weights that are 0 now: the file is as valid as ever
        File.WriteAllBytes(_folder["model/model.onnx"], bytes);
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("verify", "--model", _folder["model"]));
        Assert.Contains("'Score' differs", error);
        Assert.Contains("golden", ToolRuns.Sentence(1, ConsoleProcess.Tool("evaluate", "--model", _folder["model"], "--data", ToolRuns.Pictures)));
    }

    [TestMethod]
    public void CopiesThatSaySomethingElseAreFound()
    {
        Assert.AreEqual(0, ConsoleProcess.Tool("export", "--run", ToolRuns.Run, "--out", _folder["model"]).ExitCode);
        File.WriteAllText(_folder["model/labels.txt"], "lying\ndisc\nstanding\n");
        Assert.Contains("labels.txt", ToolRuns.Sentence(1, ConsoleProcess.Tool("verify", "--model", _folder["model"])));
    }

    [TestMethod]
    public void WhatIsThereIsReplacedOnlyWhenAskedTo()
    {
        Directory.CreateDirectory(_folder["project"]);
        File.WriteAllText(_folder["project/README.md"], "my own");
        string[] export = ["export", "--run", ToolRuns.Run, "--out", _folder["project"]];
        string error = ToolRuns.Sentence(2, ConsoleProcess.Tool(export));
        Assert.Contains("README.md", error);
        Assert.Contains("--overwrite", error);
        Assert.AreEqual("my own", File.ReadAllText(_folder["project/README.md"]));
        Assert.IsFalse(File.Exists(_folder["project/model.onnx"]));
        Assert.AreEqual(0, ConsoleProcess.Tool([.. export, "--overwrite"]).ExitCode);
        Assert.Contains("model.onnx", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--run", ToolRuns.Run, "--out", _folder["project/model.onnx"])));
        Assert.Contains("ends in .onnx", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--run", ToolRuns.Run, "--out", _folder["model.txt"])));
        Assert.IsFalse(Directory.Exists(_folder["model.txt"]));
    }

    [TestMethod]
    public void WrongOptionsAreSaidAndNothingIsWritten()
    {
        string[] export = ["export", "--run", ToolRuns.Run, "--out", _folder["model.onnx"]];
        Assert.Contains("13 and 21", ToolRuns.Sentence(2, ConsoleProcess.Tool([.. export, "--opset", "12"])));
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool([.. export, "--features", "fc9"]));
        Assert.Contains("'fc9'", error);
        Assert.Contains("fc7", error);
        Assert.Contains("either --run", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--out", _folder["model.onnx"])));
        Assert.Contains("--classes", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--weights", "w.safetensors", "--out", _folder["model.onnx"])));
        Assert.Contains("no run", ToolRuns.Sentence(1, ConsoleProcess.Tool("export", "--run", _folder["nothing"], "--out", _folder["model.onnx"])));
        Assert.Contains("gone", ToolRuns.Sentence(1, ConsoleProcess.Tool([.. export, "--evaluate", _folder["gone"]])));
        Assert.IsFalse(File.Exists(_folder["model.onnx"]));
        Assert.Contains("cuda", ToolRuns.Sentence(2, ConsoleProcess.Tool("verify", "--model", _folder["model.onnx"], "--device", "cuda:x")));
    }

    private static JsonNode Json(params string[] arguments)
    {
        ConsoleProcess run = ConsoleProcess.Tool(arguments);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        return JsonNode.Parse(string.Join('\n', run.Output))!;
    }
}
