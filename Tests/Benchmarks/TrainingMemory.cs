using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// 5,000 steps of the trainer with a small AlexNet, loader, checkpoints, validation and reports included: neither the number of live tensors nor the resident
/// memory may grow. Memory is read every 500 steps. The first 2,000 are a warm-up: printed, not counted.
/// </summary>
public static class TrainingMemory
{
    private const int WarmUp = 2000, Steps = 5000, Every = 500, BatchSize = 16, Side = 28, PicturesPerClass = 2000;

    /// <summary>Measures and prints a line every 500 steps and the largest growth.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Path.Combine(Path.GetTempPath(), $"alexnetml-memory-{Guid.NewGuid():N}");
        try
        {
            ImageFolder pictures = NoiseFolder(Path.Combine(folder, "pictures"));
            var request = new TrainingRequest
            {
                Data = [Path.Combine(folder, "pictures")], Run = Path.Combine(folder, "run"), Width = 0.125, Side = Side, ShorterSide = Side + 2, BatchSize = BatchSize,
                Epochs = (WarmUp + Steps) * BatchSize / pictures.Count * 2, MaxSteps = WarmUp + Steps, LearningRate = 1e-4, RunOptions = new TrainingRunOptions { CheckpointEvery = 500 },
            };
            var seen = new List<(long Step, long Tensors, double MiB)>();
            output.WriteLine($"{"step",6} {"tensors",8} {"resident MiB",13} {"of it managed",14}");
            TrainingJob.Run(request, new TrainingListeners(Training: new Watcher(seen, output)));
            (long from, long _, double first) = seen.First(one => one.Step >= WarmUp);
            double most = seen.Where(one => one.Step >= from).Max(one => one.MiB);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"growth from step {from} on: {100 * (most - first) / first:f2} % at most, {100 * (seen[^1].MiB - first) / first:f2} % at the end"));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static ImageFolder NoiseFolder(string folder)
    {
        var random = new Random(1);
        foreach (string name in new[] { "one", "two" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (int i = 0; i < PicturesPerClass; i++)
            {
                var image = new RgbImage(Side + 2, Side + 2);
                random.NextBytes(image.Pixels);
                File.WriteAllBytes(Path.Combine(folder, name, $"{i:D4}.png"), PngEncoder.Encode(image));
            }
        }

        return ImageFolder.Scan(folder);
    }

    private sealed class Watcher(List<(long Step, long Tensors, double MiB)> seen, TextWriter output) : IProgress<TrainingProgress>
    {
        private long _next = Every;

        public void Report(TrainingProgress value)
        {
            long step = (long)(value.Epoch - 1) * value.Steps + value.Step;
            if (value.Completed is null || step < _next)
                return;
            _next += Every;
            using var process = Process.GetCurrentProcess();
            seen.Add((step, Tensor.TotalCount, process.WorkingSet64 / 1048576.0));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,6} {seen[^1].Tensors,8} {seen[^1].MiB,13:F1} {GC.GetGCMemoryInfo().TotalCommittedBytes / 1048576.0,14:F1}"));
        }
    }
}
