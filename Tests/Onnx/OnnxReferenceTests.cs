using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Onnx.Tests;

/// <summary>The files against those who define and run the format: ONNX Runtime and the official checker.</summary>
[TestClass]
public sealed class OnnxReferenceTests
{
    [TestMethod]
    public void Onnx_runtime_computes_what_the_graph_says()
    {
        using var folder = new TemporaryFolder();
        OnnxFile.Write(SmallModels.Linear(), folder.File("linear.onnx"));
        using var session = new InferenceSession(folder.File("linear.onnx"));
        float[] x = [1, 2, 3, 0, 10, 20];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(x, [2, 3]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [input], ["y"]);

        // Row 1: 1·1 + 2·3 − 3·5 + 0.5 = −7.5 and −2 + 8 + 18 − 100 = −76; row 2: 30 − 100 + 0.5 and 40 + 120 − 100 = 60. Then Relu.
        CollectionAssert.AreEqual(new float[] { 0, 0, 0, 60 }, outputs[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.AreEqual("[\"a \\u0022quoted\\u0022 label\",\"gr\\u00F6\\u00DFe\"]", session.ModelMetadata.CustomMetadataMap[OnnxImageModelMetadata.LabelsKey]);
    }

    [TestMethod]
    public void Onnx_runtime_runs_the_networks_operators()
    {
        using var folder = new TemporaryFolder();
        OnnxFile.Write(SmallModels.Convolution(), folder.File("convolution.onnx"));
        using var session = new InferenceSession(folder.File("convolution.onnx"));
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(new float[3 * 144], [3, 4, 6, 6]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["input"], [input], ["Score"]);
        float[] scores = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.HasCount(48, scores);
        Assert.AreEqual(3, scores.Sum(), 1e-5);
    }

    [TestMethod]
    public void The_official_checker_accepts_the_files()
    {
        const string Python = "/usr/bin/python3";
        using var folder = new TemporaryFolder();
        OnnxFile.Write(SmallModels.Linear(), folder.File("linear.onnx"));
        OnnxFile.Write(SmallModels.Convolution(), folder.File("convolution.onnx"));
        if (!File.Exists(Python) || Run(Python, "-c", "import onnx.checker").ExitCode != 0)
        {
            Assert.Inconclusive("The reference implementation (python3-onnx) is not on this machine.");
        }

        const string Check = "import sys, onnx\nfor path in sys.argv[1:]:\n    onnx.checker.check_model(onnx.load(path), full_check=True)\n";
        (int exitCode, string errors) = Run(Python, "-c", Check, folder.File("linear.onnx"), folder.File("convolution.onnx"));
        Assert.AreEqual(0, exitCode, errors);
    }

    private static (int ExitCode, string Errors) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
