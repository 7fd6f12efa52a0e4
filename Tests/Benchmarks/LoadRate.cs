using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Loading a model with its golden rows checked, against loading it without; the two take turns. The rows' own cost is the difference.
/// </summary>
public static class LoadRate
{
    private const int Rounds = 15;

    /// <summary>Measures and prints both times and their difference.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Directory.CreateTempSubdirectory("load-").FullName;
        try
        {
            Measure(output, "fashion-alexnet", Shipped("fashion-alexnet"));
            string path = Path.Combine(folder, "alexnet-224.onnx");
            using (var network = new AlexNet(new AlexNetOptions()))
            {
                OnnxExporter.Export(network, path, new OnnxExportOptions
                {
                    Preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224 },
                    Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")],
                    VerificationRows = 1,
                });
            }

            Measure(output, "AlexNet-224, 61 million parameters", path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(TextWriter output, string name, string path)
    {
        Load(path, checks: true);
        Load(path, checks: false);
        var times = new (double With, double Without)[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            times[i] = (Load(path, checks: true), Load(path, checks: false));
        }

        double with = Contest.Median(times.Select(t => t.With)), without = Contest.Median(times.Select(t => t.Without)), rows = Contest.Median(times.Select(t => t.With - t.Without));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {with * 1e3:f1} ms with golden rows, {without * 1e3:f1} ms without; the rows take {rows * 1e3:f1} ms, {rows / without:p0} of the load (medians of {Rounds})"));
    }

    private static double Load(string path, bool checks)
    {
        var watch = Stopwatch.StartNew();
        using OnnxImageScorer scorer = OnnxImageScorer.Load(path, new OnnxImageScorerOptions { CheckGoldenRows = checks });
        return watch.Elapsed.TotalSeconds;
    }

    private static string Shipped(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "models", name);
            if (File.Exists(Path.Combine(path, "model.onnx")))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException($"models/{name} is in no folder above {AppContext.BaseDirectory}.");
    }
}
