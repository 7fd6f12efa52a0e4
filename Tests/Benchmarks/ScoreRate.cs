using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// A whole scoring job, JPEG files to a file of rows with AlexNet-224, against its limit: with D the rate of reading, decoding and resampling alone and N the rate of the network alone on a ready batch,
/// each on all cores, one picture cannot take less than 1/D + 1/N. N is ONNX Runtime with its own default options. The three take turns; the ratio is the median over the rounds of each
/// round's own, in which D and N are measured before and after the job.
/// </summary>
public static class ScoreRate
{
    private const int Pictures = 2048, Batch = 64, Rounds = 5, NetworkBatches = 5;

    /// <summary>Measures and prints the three rates, the share of the limit, the time to the first row and the memory.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Directory.CreateTempSubdirectory("alexnetml-score-").FullName;
        try
        {
            string pictures = Path.Combine(folder, "pictures"), model = Path.Combine(folder, "model.onnx");
            if (!WritePictures(pictures, output))
            {
                return;
            }

            Export(model);
            Measure(folder, model, pictures, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string folder, string model, string pictures, TextWriter output)
    {
        string[] files = Directory.GetFiles(pictures, "*.jpg", SearchOption.AllDirectories);
        var preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224 };
        float[] ready = new float[Batch * preprocessing.TensorLength];
        for (int i = 0; i < Batch; i++)
        {
            preprocessing.ToTensor(ImageFile.Load(files[i]), ready.AsSpan(i * preprocessing.TensorLength, preprocessing.TensorLength));
        }

        using (var network = new InferenceSession(model))
        {
            _ = Decoding(files, preprocessing);
            _ = Network(network, ready, 2);
            _ = Job(folder, model, pictures, "warm.jsonl", out _, out _);
            var rounds = new (double D, double N, double Job, double Share, double FirstRow)[Rounds];
            for (int round = 0; round < Rounds; round++)
            {
                double n = Network(network, ready, NetworkBatches), d = Decoding(files, preprocessing);
                double job = Job(folder, model, pictures, $"{round}.jsonl", out double first, out _);
                d = 2 / ((1 / d) + (1 / Decoding(files, preprocessing)));
                n = 2 / ((1 / n) + (1 / Network(network, ready, NetworkBatches)));
                rounds[round] = (d, n, job, job * ((1 / d) + (1 / n)), first);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: D {d:f0}, N {n:f1}, job {job:f1} images/s, {100 * rounds[round].Share:f1} % of 1/(1/D + 1/N), first row after {first:f2} s"));
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{files.Length} JPEG files, batch {Batch}, {Environment.ProcessorCount} cores: D {Median(rounds, r => r.D):f0}, N {Median(rounds, r => r.N):f1}, job {Median(rounds, r => r.Job):f1} images/s; {100 * Median(rounds, r => r.Share):f1} % of the limit, median of {Rounds}; first row {Median(rounds, r => r.FirstRow):f2} s after the model was loaded"));
        }

        // By itself, behind everything else's memory.
        _ = Job(folder, model, pictures, "memory.jsonl", out _, out long bytes);
        output.WriteLine(bytes < 0
            ? "memory: not measured, /proc is not here"
            : string.Create(CultureInfo.InvariantCulture, $"memory: at most {bytes / 1e6:f0} MB more than before the job, {(bytes - new FileInfo(model).Length) / 1e6:f0} MB beyond the model's file"));
    }

    private static double Job(string folder, string model, string pictures, string name, out double firstRow, out long peak)
    {
        GC.Collect();
        long before = ResetPeak();
        using ScoringJob job = ScoringJob.Open(new ScoringJobOptions
        {
            Model = model, Pictures = PictureList.Open(pictures), Output = Path.Combine(folder, name), Scorer = new OnnxImageScorerOptions { BatchSize = Batch },
        });
        ScoringJobResult result = job.Run();
        peak = before < 0 ? -1 : Memory("VmHWM") - before;
        firstRow = result.FirstRowSeconds!.Value;
        return result.Scored / result.Seconds;
    }

    private static double Decoding(string[] files, ImagePreprocessing preprocessing)
    {
        int next = -1;
        var clock = Stopwatch.StartNew();
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            float[] tensor = new float[preprocessing.TensorLength];
            var picture = new ImageBuffer();
            for (int i; (i = Interlocked.Increment(ref next)) < files.Length;)
            {
                ImageFile.Load(files[i], picture);
                preprocessing.ToTensor(picture, tensor);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return files.Length / clock.Elapsed.TotalSeconds;
    }

    private static double Network(InferenceSession network, float[] pixels, int batches)
    {
        using var run = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [Batch, 3, 224, 224]);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < batches; i++)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = network.Run(run, ["input"], [input], ["Score"]);
        }

        return batches * Batch / clock.Elapsed.TotalSeconds;
    }

    private static void Export(string path)
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 1000, Initialization = AlexNetInitialization.He });
        manual_seed(1);
        OnnxExporter.Export(network, path, new OnnxExportOptions
        {
            Preprocessing = new ImagePreprocessing { ShorterSide = 256, CropSide = 224 }, Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")], Decoder = "none", VerificationRows = 1,
        });
    }

    private static bool WritePictures(string folder, TextWriter output)
    {
        string python = Environment.GetEnvironmentVariable("ALEXNETML_PYTHON") ?? "/usr/bin/python3";
        try
        {
            using Process? process = Process.Start(python, [Path.Combine(AppContext.BaseDirectory, "score_pictures.py"), folder, Pictures.ToString(CultureInfo.InvariantCulture)]);
            process?.WaitForExit();
            if (process?.ExitCode == 0)
            {
                return true;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }

        output.WriteLine($"not measured: {python} cannot draw the pictures; install Pillow and numpy (Debian: apt-get install python3-pil python3-numpy) or name another Python in ALEXNETML_PYTHON");
        return false;
    }

    // Linux alone lets a process forget its peak.
    private static long ResetPeak()
    {
        if (!OperatingSystem.IsLinux())
        {
            return -1;
        }

        File.WriteAllText("/proc/self/clear_refs", "5");
        return Memory("VmRSS");
    }

    private static long Memory(string entry)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(entry, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    private static double Median<T>(T[] values, Func<T, double> value)
    {
        double[] sorted = [.. values.Select(value).Order()];
        return sorted[sorted.Length / 2];
    }
}
