using System.Globalization;
using AlexNetMl.Deployment;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// AlexNet-224 in eight bits against the same network in float32 as it is exported, with and without response normalisation, on ONNX Runtime's CPU
/// provider. The two take turns. Accuracy is not this benchmark's business: its weights are random (docs/results.md has that of a trained network).
/// </summary>
public static class ExportInt8Rate
{
    /// <summary>Measures and prints both rates and their ratio for each network and batch.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Directory.CreateTempSubdirectory("export-int8-").FullName;
        try
        {
            foreach ((string name, AlexNetOptions options) in new[]
            {
                ("without LRN", new AlexNetOptions { ResponseNorm = false }), ("with LRN", new AlexNetOptions()),
            })
            {
                string source = Path.Combine(folder, "fp32.onnx"), eight = Path.Combine(folder, "int8.onnx");
                manual_seed(1);
                using var network = new AlexNet(options with { Initialization = AlexNetInitialization.He });
                OnnxExporter.Export(network, source, new OnnxExportOptions
                {
                    Preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224, RescaleFactor = 1, Mean = [124, 117, 104] },
                    Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")],
                    Decoder = "none",
                    VerificationRows = 1,
                });
                ModelDeployment.Write(source, eight, new DeploymentOptions { Precision = OnnxPrecision.Int8, Calibration = Enumerable.Range(0, 16).Select(Picture) });
                foreach (int batch in new[] { 1, 32 })
                {
                    VariantComparison found = VariantComparison.Measure(source, eight, Enumerable.Range(100, 64).Select(Picture), batch);
                    output.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"AlexNet-224 {name}, batch {batch}: int8 {found.Rate:f1} images/s, fp32 {found.SourceRate:f1}, ratio {found.Speedup:f2}; {found.Bytes / 1e6:f1} and {found.SourceBytes / 1e6:f1} MB; same first label {found.SameFirst} of {found.Pictures}"));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Smooth shapes with a little noise, as photographs are.
    private static RgbImage Picture(int seed)
    {
        var random = new Random(seed);
        var image = new RgbImage(256, 256);
        double[] waves = [.. Enumerable.Range(0, 9).Select(_ => random.NextDouble() * 0.1)];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int channel = i % 3, x = i / 3 % 256, y = i / 768;
            double value = 128 + (60 * Math.Sin((waves[channel] * x) + channel)) + (50 * Math.Cos((waves[3 + channel] * y) + (waves[6] * x))) + (20 * (random.NextDouble() - 0.5));
            image.Pixels[i] = (byte)Math.Clamp(value, 0, 255);
        }

        return image;
    }
}
