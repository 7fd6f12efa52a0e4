using System.IO.Compression;
using System.Text.Json.Nodes;
using AlexNetMl.Imaging;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>alexnetml import: a shipped model as a run that is evaluated, trained on, exported and verified.</summary>
[TestClass]
public sealed class ToolImportTests : IDisposable
{
    private static readonly string[] DataSetOrder = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    private readonly TemporaryFolder _folder = new();

    private static string Model => Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("fashion-alexnet", 924_042)]
    [DataRow("fashion-resnet", 272_474)]
    public void AnImportedNetworkIsEvaluatedTrainedExportedAndVerified(string name, int parameters)
    {
        string model = Path.Combine(AppContext.BaseDirectory, "models", name);
        WritePictures(_folder["test"], "t10k-2000", 600);
        WritePictures(_folder["train"], "train-10000", 640);
        Assert.AreEqual(parameters, (int)Json("import", "--model", model, "--out", _folder["run"], "--json")["parameters"]!);
        double before = (double)Json("evaluate", "--model", model, "--data", _folder["test"], "--json")["loss"]!;
        Assert.AreEqual(before, (double)Json("evaluate", "--model", _folder["run"], "--data", _folder["test"], "--json")["loss"]!, 1e-5);

        // As it is, it leaves as what it came.
        Json("export", "--run", _folder["run"], "--out", _folder["again"], "--json");
        Assert.AreEqual(before, (double)Json("evaluate", "--model", _folder["again"], "--data", _folder["test"], "--json")["loss"]!, 1e-5);

        // Shorter than an epoch and long enough to move; on pictures that it has seen it does not get worse.
        JsonNode trained = Json("train", "--out", _folder["run"], "--resume", "--data", _folder["train"], "--validation", "0", "--epochs", "2", "--learning-rate", "0.001", "--batch", "32", "--threads", "1", "--max-steps", "25", "--json");
        Assert.AreEqual(25, (int)trained["steps"]!);
        double seen = (double)Json("evaluate", "--model", model, "--data", _folder["train"], "--json")["loss"]!;
        Assert.IsLessThan(seen, (double)Json("evaluate", "--model", _folder["run"], "--data", _folder["train"], "--json")["loss"]!);
        ConsoleProcess resumed = ConsoleProcess.Tool("train", "--out", _folder["run"], "--resume", "--max-steps", "30");
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains("resumed at step 25", resumed.ToString());

        JsonNode eight = Json("export", "--run", _folder["run"], "--out", _folder["int8"], "--int8", "--calibrate", _folder["train"], "--evaluate", _folder["test"], "--json");
        Assert.IsGreaterThan((double)eight["float32Top1"]! - 0.01, (double)eight["top1"]!);
        Assert.IsGreaterThan(0.95 * (int)eight["comparedPictures"]!, (int)eight["sameFirst"]!);
        Assert.IsTrue((bool)Json("verify", "--model", _folder["int8"], "--json")["passed"]!);
        string card = File.ReadAllText(_folder["int8/README.md"]);
        foreach (string part in new[] { "eight bits", "in float32 on the same 600 pictures", "pictures/s", "the same first label for" })
        {
            Assert.Contains(part, card);
        }
    }

    [TestMethod]
    public void AFileIsTrainedForOtherClassesInOneCommand()
    {
        ConsoleProcess train = ConsoleProcess.Tool(
            "train", "--from", Model, "--out", _folder["run"], "--data", ToolRuns.Pictures, "--validation", "0", "--freeze", "--epochs", "1", "--batch", "8", "--threads", "1");
        Assert.AreEqual(0, train.ExitCode, train.ToString());
        Assert.AreEqual(0, ConsoleProcess.Tool("export", "--run", _folder["run"], "--out", _folder["three"], "--fp16").ExitCode);
        CollectionAssert.AreEqual(new[] { "disc", "lying", "standing" }, File.ReadAllLines(_folder["three/labels.txt"]));
        Assert.Contains("half precision", File.ReadAllText(_folder["three/README.md"]));
        Assert.Contains("holds a run already", ToolRuns.Sentence(2, ConsoleProcess.Tool("train", "--from", Model, "--out", _folder["run"], "--data", ToolRuns.Pictures)));
    }

    [TestMethod]
    public void WhatFailsBeforeTrainingLeavesNoRunAndAnotherFileIsNotResumed()
    {
        string[] train = ["train", "--from", Model, "--out", _folder["run"], "--validation", "0", "--epochs", "1", "--batch", "8", "--threads", "1", "--max-steps", "1"];
        Assert.Contains("typo", ToolRuns.Sentence(1, ConsoleProcess.Tool([.. train, "--data", _folder["typo"]])));
        Assert.IsFalse(Directory.Exists(_folder["run"]));
        // Found only when the file has become a run.
        ToolRuns.Sentence(1, ConsoleProcess.Tool([.. train, "--data", ToolRuns.Pictures, "--side", "20"]));
        Assert.IsFalse(Directory.Exists(_folder["run"]));
        ConsoleProcess trained = ConsoleProcess.Tool([.. train, "--data", ToolRuns.Pictures]);
        Assert.AreEqual(0, trained.ExitCode, trained.ToString());

        string other = Path.Combine(AppContext.BaseDirectory, "models", "fashion-resnet");
        Assert.Contains("fashion-resnet", ToolRuns.Sentence(2, ConsoleProcess.Tool("train", "--from", other, "--out", _folder["run"], "--resume")));
        ConsoleProcess resumed = ConsoleProcess.Tool("train", "--from", Model, "--out", _folder["run"], "--resume", "--max-steps", "2");
        Assert.AreEqual(0, resumed.ExitCode, resumed.ToString());
        Assert.Contains("resumed at step 1", resumed.ToString());
    }

    [TestMethod]
    public void WhatCannotBeImportedIsSaidAndLeavesNothing()
    {
        Assert.AreEqual(0, ConsoleProcess.Tool("import", "--model", Model, "--out", _folder["run"]).ExitCode);
        Assert.Contains("holds a run already", ToolRuns.Sentence(2, ConsoleProcess.Tool("import", "--model", Model, "--out", _folder["run"])));
        Assert.Contains("does not exist", ToolRuns.Sentence(1, ConsoleProcess.Tool("import", "--model", _folder["none.onnx"], "--out", _folder["other"])));
        byte[] bytes = File.ReadAllBytes(Path.Combine(Model, "model.onnx"));
        File.WriteAllBytes(_folder["cut.onnx"], bytes[..(bytes.Length / 2)]);
        ToolRuns.Sentence(1, ConsoleProcess.Tool("import", "--model", _folder["cut.onnx"], "--out", _folder["other"]));
        byte[] unknown = Replace(bytes, "Softmax"u8, "Softmix"u8);
        File.WriteAllBytes(_folder["unknown.onnx"], Replace(unknown, "Flatten"u8, "Flatfen"u8));
        string error = ToolRuns.Sentence(1, ConsoleProcess.Tool("import", "--model", _folder["unknown.onnx"], "--out", _folder["other"]));
        Assert.Contains("Softmix", error);
        Assert.Contains("Flatfen", error);
        Assert.IsFalse(Directory.Exists(_folder["other"]));
        Assert.Contains("--calibrate", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--run", _folder["run"], "--out", _folder["x"], "--int8")));
        Assert.Contains("--int8", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--run", _folder["run"], "--out", _folder["x"], "--calibrate", ToolRuns.Pictures)));
        Assert.Contains("exclude", ToolRuns.Sentence(2, ConsoleProcess.Tool("export", "--run", _folder["run"], "--out", _folder["x"], "--int8", "--fp16", "--calibrate", ToolRuns.Pictures)));
    }

    private static JsonNode Json(params string[] arguments)
    {
        ConsoleProcess process = ConsoleProcess.Tool(arguments);
        Assert.AreEqual(0, process.ExitCode, process.ToString());
        return JsonNode.Parse(string.Join('\n', process.Output))!;
    }

    private static byte[] Replace(byte[] bytes, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        byte[] changed = [.. bytes];
        for (int at = changed.AsSpan().IndexOf(from); at >= 0; at = changed.AsSpan().IndexOf(from))
        {
            to.CopyTo(changed.AsSpan(at));
        }

        return changed;
    }

    private static void WritePictures(string folder, string name, int count)
    {
        byte[] images = Unpack($"{name}-images-idx3-ubyte.gz")[16..], labels = Unpack($"{name}-labels-idx1-ubyte.gz")[8..];
        for (int i = 0; i < count; i++)
        {
            string place = Path.Combine(folder, DataSetOrder[labels[i]]);
            Directory.CreateDirectory(place);
            File.WriteAllBytes(Path.Combine(place, $"{i:d5}.png"), PngEncoder.EncodeGray(28, 28, images.AsSpan(784 * i, 784)));
        }
    }

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }
}
