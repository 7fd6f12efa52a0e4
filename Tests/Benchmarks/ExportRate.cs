using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// AlexNet-224, 61 million parameters, from torch to a file that is safe on the disk, verification left out, against writing and flushing the same number of
/// bytes to the same disk; and the most memory that the export takes beyond what was there.
/// </summary>
public static class ExportRate
{
    private const int Rounds = 7;
    private const int BlockBytes = 4 << 20;

    /// <summary>Measures and prints both times, their ratio and the memory.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Directory.CreateTempSubdirectory("export-").FullName;
        try
        {
            using var network = new AlexNet(new AlexNetOptions());
            var options = new OnnxExportOptions
            {
                Preprocessing = new ImagePreprocessing(),
                Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")],
                Decoder = "none",
            };
            string path = Path.Combine(folder, "model.onnx");
            OnnxExporter.Write(network, path, options, check: null, CancellationToken.None); // compiles what runs
            long bytes = new FileInfo(path).Length;
            var times = new (double Export, double Plain)[Rounds];
            double most = 0;
            for (int i = 0; i < Rounds; i++)
            {
                double before = ResetPeak();
                times[i].Export = Seconds(() => OnnxExporter.Write(network, path, options, check: null, CancellationToken.None));
                most = Math.Max(most, Status("VmHWM") - before);
                times[i].Plain = Seconds(() => WritePlainly(Path.Combine(folder, "plain"), bytes));
            }

            double ratio = Contest.Median(times.Select(time => time.Export / time.Plain));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{bytes / 1e6:F0} MB: export {Contest.Median(times.Select(t => t.Export)):F2} s, plain bytes {Contest.Median(times.Select(t => t.Plain)):F2} s, ratio {ratio:F2}, median of {Rounds}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory beyond what was there: {most:F1} MiB at most"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WritePlainly(string path, long bytes)
    {
        byte[] block = new byte[BlockBytes];
        new Random(1).NextBytes(block);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long left = bytes; left > 0; left -= BlockBytes)
        {
            stream.Write(block, 0, (int)Math.Min(left, BlockBytes));
        }

        stream.Flush(flushToDisk: true);
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    // Linux keeps the greatest resident size until told to forget it (proc(5), clear_refs).
    private static double ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    private static double Status(string name)
        => double.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
