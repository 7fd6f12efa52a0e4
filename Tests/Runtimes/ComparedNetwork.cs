using System.Runtime.InteropServices;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AlexNetMl.Runtimes;

/// <summary>A network that is exported once and run everywhere.</summary>
/// <param name="Name">Its files' name.</param>
/// <param name="Side">Side of its input.</param>
/// <param name="LrnNode">Whether its normalisation is ONNX's operator.</param>
/// <param name="Options">Size and variant.</param>
internal sealed record ComparedNetwork(string Name, int Side, bool LrnNode, Func<AlexNetOptions> Options)
{
    public const int Rows = 2;

    /// <summary>
    /// Weights that let no layer vanish (He's) and inputs of ±128: with the paper's small weights any two runtimes agree, whatever they do.
    /// </summary>
    public static IReadOnlyList<ComparedNetwork> All { get; } =
    [
        new("alexnet-224", 224, false, () => new AlexNetOptions { Initialization = AlexNetInitialization.He }),
        new("alexnet-224-lrn-node", 224, true, () => new AlexNetOptions { Initialization = AlexNetInitialization.He }),
        new("alexnet-2012", 224, false, () => Recipes.Original2012.Network with { Initialization = AlexNetInitialization.He }),
        new("alexnet-small", 28, false, () => new AlexNetOptions { Side = 28, Width = 0.2, Classes = 10, Initialization = AlexNetInitialization.He }),
    ];

    /// <summary>Writes NAME.onnx, its input NAME.input (float32, row-major) and what ONNX Runtime makes of it from C#, NAME.csharp.</summary>
    public void Make(string folder)
    {
        string File(string kind) => Path.Combine(folder, $"{Name}.{kind}");
        manual_seed(1);
        using var network = new AlexNet(Options());
        int classes = Options().Classes;
        var options = new OnnxExportOptions
        {
            Preprocessing = new ImagePreprocessing { ShorterSide = Side, CropSide = Side },
            Labels = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
            Logits = true,
            LrnNode = LrnNode,
        };
        OnnxExportReport report = OnnxExporter.Export(network, File("onnx"), options);
        Console.WriteLine($"{Name}: {report.Bytes / 1e6:F1} MB, worst difference from torch {report.Verification.WorstRelativeDifference:0.0e+0}");
        float[] pixels = new float[Rows * 3 * Side * Side];
        var random = new Random(1);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (random.NextSingle() * 256) - 128;
        System.IO.File.WriteAllBytes(File("input"), MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray());
        System.IO.File.WriteAllText(File("json"), $$"""{"name":"{{Name}}","shape":[{{Rows}},3,{{Side}},{{Side}}]}""");
        using var session = new InferenceSession(File("onnx"));
        using var run = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [Rows, 3, Side, Side]);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, ["input"], [input], ["Logits"]);
        System.IO.File.WriteAllBytes(File("csharp"), MemoryMarshal.AsBytes(results[0].GetTensorDataAsSpan<float>()).ToArray());
    }
}
