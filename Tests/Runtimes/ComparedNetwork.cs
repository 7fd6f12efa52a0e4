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
/// <param name="Classes">Its outputs.</param>
/// <param name="Create">Makes it.</param>
internal sealed record ComparedNetwork(string Name, int Side, bool LrnNode, int Classes, Func<nn.Module<Tensor, Tensor>> Create)
{
    public const int Rows = 2;

    /// <summary>
    /// Weights that let no layer vanish (He's) and inputs of ±128: with the paper's small weights any two runtimes agree, whatever they do.
    /// </summary>
    public static IReadOnlyList<ComparedNetwork> All { get; } =
    [
        AlexNet("alexnet-224", new AlexNetOptions()),
        AlexNet("alexnet-224-lrn-node", new AlexNetOptions(), lrnNode: true),
        AlexNet("alexnet-2012", Recipes.Original2012.AlexNetFor(1000, 224)),
        AlexNet("alexnet-small", new AlexNetOptions { Side = 28, Width = 0.2, Classes = 10 }),
        Of("vgg16", width: 0.25), Of("vgg16_bn", width: 0.25), Of("googlenet"), Of("googlenet_bn"), Of("resnet18"), Of("resnet50"), Of("densenet121"),
        // Plain networks of more layers have no shortcut past what forty normalizations make of the last bit: see docs/runtimes.md.
        .. NetworkCatalog.Default.Definitions.Where(definition => definition.Year > 2012 && definition.Name is not ("plain44" or "plain56" or "plain110")).Select(definition => Of(definition.Name, side: 28, classes: 10, width: 0.25)),
    ];

    private static ComparedNetwork AlexNet(string name, AlexNetOptions options, bool lrnNode = false) =>
        new(name, options.Side, lrnNode, options.Classes, () => new AlexNet(options with { Initialization = AlexNetInitialization.He }));

    private static ComparedNetwork Of(string name, int side = 224, int classes = 1000, double width = 1) => new(
        FormattableString.Invariant($"{name}-{side}{(width == 1 ? "" : $"-x{width}")}"), side, false, classes, () =>
        {
            NetworkDefinition definition = NetworkCatalog.Default.Get(name);
            nn.Module<Tensor, Tensor> network = definition.Create(definition.Recipe("default").Network with { Side = side, Classes = classes, Width = width });
            // Normalizations that have seen such pictures: fresh ones change nothing.
            using (no_grad())
            {
                network.train();
                for (int i = 0; i < 3; i++)
                {
                    using Tensor uniform = rand(4, 3, side, side), pictures = uniform.sub(0.5).mul(256);
                    network.call(pictures).Dispose();
                }
            }
            network.eval();
            return network;
        });

    /// <summary>Writes NAME.onnx, its input NAME.input (float32, row-major) and what ONNX Runtime makes of it from C#, NAME.csharp.</summary>
    public void Make(string folder)
    {
        string File(string kind) => Path.Combine(folder, $"{Name}.{kind}");
        manual_seed(1);
        using nn.Module<Tensor, Tensor> network = Create();
        var options = new OnnxExportOptions
        {
            Preprocessing = new ImagePreprocessing { ShorterSide = Side, CropSide = Side },
            Labels = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")],
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
