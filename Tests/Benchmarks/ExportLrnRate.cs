using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// AlexNet-224 as it is exported, response normalisation in standard operators, against the same network with LRN nodes, on ONNX Runtime's
/// CPU provider, batch 32. The two take turns, so that a busy machine slows both.
/// </summary>
public static class ExportLrnRate
{
    private const int Batch = 32;
    private const int Rounds = 11;

    /// <summary>Measures and prints both rates, their ratio and how far the results are apart.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Directory.CreateTempSubdirectory("export-lrn-").FullName;
        try
        {
            (string standard, string nodes) = Export(folder);
            using var options = new SessionOptions();
            using var ours = new InferenceSession(standard, options);
            using var theirs = new InferenceSession(nodes, options);
            var random = new Random(1);
            float[] pixels = [.. Enumerable.Range(0, Batch * 3 * 224 * 224).Select(_ => (random.NextSingle() * 256) - 128)];
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [Batch, 3, 224, 224]);
            float[] expected = Once(theirs, input).Scores;
            float[] scores = Once(ours, input).Scores;
            double difference = expected.Zip(scores, (a, b) => Math.Abs((double)a - b)).Max() / expected.Max();
            var times = new (double Ours, double Theirs)[Rounds];
            for (int i = 0; i < Rounds; i++)
            {
                times[i] = (Once(ours, input).Seconds, Once(theirs, input).Seconds);
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"AlexNet-224, batch {Batch}: standard operators {Batch / Median(times.Select(t => t.Ours)):f1} images/s, LRN nodes {Batch / Median(times.Select(t => t.Theirs)):f1}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio {Median(times.Select(t => t.Theirs / t.Ours)):f2}, median of {Rounds}; worst difference {difference:e1} of the largest score"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Standard, string Nodes) Export(string folder)
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 1000, Initialization = AlexNetInitialization.He });
        Soften(network);
        var options = new OnnxExportOptions
        {
            Preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224 },
            Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")],
            Decoder = "none",
            VerificationRows = 1,
        };
        return (
            OnnxExporter.Export(network, Path.Combine(folder, "standard.onnx"), options).Path,
            OnnxExporter.Export(network, Path.Combine(folder, "nodes.onnx"), options with { LrnNode = true }).Path);
    }

    // Fresh weights make one score 1 and all others 0, which would hide what differs.
    private static void Soften(AlexNet network)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        manual_seed(1);
        network.eval();
        Tensor logits = network.call((rand(4, 3, 224, 224) * 256) - 128);
        network.named_parameters().Single(parameter => parameter.name == "fc8.weight").parameter.mul_(2 / logits.std().item<float>());
    }

    private static (float[] Scores, double Seconds) Once(InferenceSession session, OrtValue input)
    {
        using var run = new RunOptions();
        var clock = Stopwatch.StartNew();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["input"], [input], ["Score"]);
        double seconds = clock.Elapsed.TotalSeconds;
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), seconds);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
