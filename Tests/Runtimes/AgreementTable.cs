using System.Globalization;
using System.Runtime.InteropServices;

namespace AlexNetMl.Runtimes;

/// <summary>The table of docs/runtimes.md.</summary>
internal static class AgreementTable
{
    /// <summary>What two runtimes may differ by, of the largest logit.</summary>
    private const double Allowed = 1e-5;

    private static readonly (string Kind, string Name)[] Runtimes =
        [("csharp", "ONNX Runtime, C#"), ("node", "onnxruntime-node"), ("web", "onnxruntime-web, Chromium"), ("opencv", "OpenCV dnn")];

    /// <summary>Prints each network's worst difference between any two runtimes; false where one is beyond what is allowed, or a runtime gave nothing.</summary>
    public static bool Print(string folder, TextWriter output)
    {
        bool good = true;
        output.WriteLine($"| network | {string.Join(" | ", Pairs().Select(pair => $"{pair.First.Name} – {pair.Second.Name}"))} | worst |");
        output.WriteLine($"| --- | {string.Join(" | ", Pairs().Select(_ => "---"))} | --- |");
        foreach (ComparedNetwork network in ComparedNetwork.All)
        {
            Dictionary<string, float[]?> logits = Runtimes.ToDictionary(runtime => runtime.Kind, runtime => Read(Path.Combine(folder, $"{network.Name}.{runtime.Kind}")));
            double[] differences = [.. Pairs().Select(pair => Difference(logits[pair.First.Kind], logits[pair.Second.Kind]))];
            good &= differences.Max() <= Allowed;
            output.WriteLine($"| {network.Name} | {string.Join(" | ", differences.Select(Text))} | **{Text(differences.Max())}** |");
        }

        return good;
    }

    private static IEnumerable<((string Kind, string Name) First, (string Kind, string Name) Second)> Pairs()
        => Runtimes.SelectMany((first, i) => Runtimes.Skip(i + 1).Select(second => (first, second)));

    private static float[]? Read(string path) => File.Exists(path) ? MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray() : null;

    private static double Difference(float[]? a, float[]? b)
    {
        if (a is null || b is null || a.Length != b.Length || a.Length == 0)
            return double.PositiveInfinity;
        double largest = a.Max(value => Math.Abs((double)value));
        double difference = a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
        return double.IsNaN(difference) || largest == 0 ? double.PositiveInfinity : difference / largest;
    }

    private static string Text(double difference) => double.IsInfinity(difference) ? "did not run" : difference.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
