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
/// CPU provider, batch 32. The two take turns, so that a busy machine slows both. How exact either is, the same network in float64 tells.
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
            using AlexNet network = Soft();
            (string standard, string nodes) = Export(network, folder);
            using var options = new SessionOptions();
            using var ours = new InferenceSession(standard, options);
            using var theirs = new InferenceSession(nodes, options);
            var random = new Random(1);
            float[] pixels = [.. Enumerable.Range(0, Batch * 3 * 224 * 224).Select(_ => (random.NextSingle() * 256) - 128)];
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [Batch, 3, 224, 224]);
            double[] exact = Exact(network, pixels);
            float[] left = Once(ours, input).Logits, right = Once(theirs, input).Logits;
            var times = new (double Ours, double Theirs)[Rounds];
            for (int i = 0; i < Rounds; i++)
            {
                times[i] = (Once(ours, input).Seconds, Once(theirs, input).Seconds);
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"AlexNet-224, batch {Batch}: standard operators {Batch / Contest.Median(times.Select(t => t.Ours)):f1} images/s, LRN nodes {Batch / Contest.Median(times.Select(t => t.Theirs)):f1}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio {Contest.Median(times.Select(t => t.Theirs / t.Ours)):f2}, median of {Rounds}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"of the largest logit: standard operators from float64 {Difference(Doubles(left), exact):e1}, LRN nodes from float64 {Difference(Doubles(right), exact):e1}, one from the other {Difference(Doubles(left), Doubles(right)):e1}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Standard, string Nodes) Export(AlexNet network, string folder)
    {
        var options = new OnnxExportOptions
        {
            Preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224 },
            Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")],
            Decoder = "none",
            VerificationRows = 1,
            Logits = true,
        };
        return (
            OnnxExporter.Export(network, Path.Combine(folder, "standard.onnx"), options).Path,
            OnnxExporter.Export(network, Path.Combine(folder, "nodes.onnx"), options with { LrnNode = true }).Path);
    }

    // Fresh weights make one score 1 and all others 0, which would hide what differs.
    private static AlexNet Soft()
    {
        var network = new AlexNet(new AlexNetOptions { Classes = 1000, Initialization = AlexNetInitialization.He });
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        manual_seed(1);
        network.eval();
        Tensor logits = network.call((rand(4, 3, 224, 224) * 256) - 128);
        network.named_parameters().Single(parameter => parameter.name == "fc8.weight").parameter.mul_(2 / logits.std().item<float>());
        return network;
    }

    // Layer by layer, torch in float64; the normalisation in plain C#.
    private static double[] Exact(AlexNet network, float[] pixels)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = network.named_parameters().ToDictionary(p => p.name, p => p.parameter.to_type(ScalarType.Float64));
        Tensor x = tensor(pixels, [Batch, 3, 224, 224]).to_type(ScalarType.Float64);
        foreach ((int layer, long stride, long padding) in new[] { (1, 4L, 2L), (2, 1L, 2L), (3, 1L, 1L), (4, 1L, 1L), (5, 1L, 1L) })
        {
            Tensor weight = weights[$"conv{layer}.weight"];
            x = nn.functional.conv2d(x, weight, weights[$"conv{layer}.bias"], strides: [stride, stride], padding: [padding, padding], groups: x.shape[1] / weight.shape[1]).relu();
            if (layer <= 2)
            {
                x = Normalize(x);
            }

            if (layer is 1 or 2 or 5)
            {
                x = nn.functional.max_pool2d(x, 3, 2);
            }
        }

        x = x.flatten(1);
        foreach (int layer in new[] { 6, 7, 8 })
        {
            x = nn.functional.linear(x, weights[$"fc{layer}.weight"], weights[$"fc{layer}.bias"]);
            x = layer < 8 ? x.relu() : x;
        }

        return [.. x.data<double>()];
    }

    // Section 3.3 of the paper: a / (2 + 1e-4 Σ a²)^0.75 over five channels.
    private static Tensor Normalize(Tensor x)
    {
        double[] values = [.. x.data<double>()], results = new double[values.Length];
        long channels = x.shape[1], map = x.shape[2] * x.shape[3];
        for (long i = 0; i < values.Length; i++)
        {
            long channel = i / map % channels;
            double sum = 0;
            for (long other = Math.Max(0, channel - 2); other <= Math.Min(channels - 1, channel + 2); other++)
            {
                double value = values[i + ((other - channel) * map)];
                sum += value * value;
            }

            results[i] = values[i] / Math.Pow(2 + (1e-4 * sum), 0.75);
        }

        return tensor(results, x.shape);
    }

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double Difference(double[] a, double[] b) => a.Zip(b, (left, right) => Math.Abs(left - right)).Max() / b.Max(Math.Abs);

    private static (float[] Logits, double Seconds) Once(InferenceSession session, OrtValue input)
    {
        using var run = new RunOptions();
        var clock = Stopwatch.StartNew();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["input"], [input], ["Logits"]);
        double seconds = clock.Elapsed.TotalSeconds;
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), seconds);
    }
}
