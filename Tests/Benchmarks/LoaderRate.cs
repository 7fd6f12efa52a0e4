using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Batches of 128 from a warm picture cache at 256, one thread: random window of 224, mirroring, mean image, colour noise, float32. A picture takes
/// 150 kB of bytes read, 600 kB of means read and 600 kB of floats written; the limit named beside it is copying those bytes, measured in turns with it.
/// The same work in Python, same cache file: Tests/Benchmarks/loader_rate.py, started here where there is one with torch.
/// </summary>
public static class LoaderRate
{
    private const int Pictures = 1024, Side = 256, Crop = 224, BatchSize = 128, Repeats = 9;
    private static readonly TimeSpan RepeatTime = TimeSpan.FromSeconds(0.5);

    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Path.Combine(Path.GetTempPath(), $"alexnetml-loader-{Guid.NewGuid():N}");
        try
        {
            var size = new ImagePreprocessing { ShorterSide = Side, CropSide = Crop };
            using var cache = PictureCache.Build(new SyntheticPictures(), size, folder);
            var statistics = PictureStatistics.Measure(cache, size);
            var meanImage = statistics.WithMeanImage(size);
            var noisy = new AugmentationOptions { ColorNoise = new ColorNoise() };
            using var first = new Batch(BatchSize, Crop);
            using var second = new Batch(BatchSize, Crop);
            Batch[] ring = [first, second];
            output.WriteLine($"{Pictures} pictures of {Side} x {Side} in the cache, windows of {Crop}, batches of {BatchSize}; one thread");
            Report(
                output,
                ("crop, flip, mean image, colour noise", Filler(cache, meanImage, noisy, statistics, ring)),
                ("limit: copying the same bytes", Copier(cache, meanImage, ring)),
                ("without colour noise", Filler(cache, meanImage, new AugmentationOptions(), statistics, ring)),
                ("mean colour instead of mean image", Filler(cache, statistics.WithMeanColor(size), noisy, statistics, ring)));
            ReportPython(output, Path.Combine(folder, "pixels.bin"));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Action Filler(PictureSet cache, ImagePreprocessing preprocessing, AugmentationOptions options, PictureStatistics statistics, Batch[] ring)
    {
        PictureStore store = PictureStore.Open(cache, preprocessing, new TrainerOptions(), 1, CancellationToken.None);
        var filler = new BatchFiller(store, preprocessing, new Augmentation(1, options, preprocessing, statistics));
        int[] order = [.. store.All];
        new Random(1).Shuffle(order);
        var number = 0;
        return () =>
        {
            var start = number % (Pictures / BatchSize) * BatchSize;
            filler.Fill(ring[number % ring.Length], number, order.AsSpan(start, BatchSize), new());
            number++;
        };
    }

    // The window's bytes into a buffer that stays in the processor's own cache, the window's means into the batch: no arithmetic.
    private static Action Copier(PictureSet cache, ImagePreprocessing preprocessing, Batch[] ring)
    {
        var bytes = new byte[3 * Crop * Crop];
        var number = 0;
        return () =>
        {
            var batch = ring[number % ring.Length];
            for (var i = 0; i < BatchSize; i++)
            {
                var square = cache.Square(((number * BatchSize) + (i * 37)) % Pictures, preprocessing, new());
                var picture = batch.Picture(i);
                for (var row = 0; row < 3 * Crop; row++)
                {
                    var from = (((row / Crop * Side) + (row % Crop) + 16) * Side) + 16;
                    square.Slice(from, Crop).CopyTo(bytes.AsSpan(row * Crop));
                    preprocessing.MeanImage!.Values.Slice(from, Crop).CopyTo(picture[(row * Crop)..]);
                }
            }

            number++;
        };
    }

    private static void Report(TextWriter output, params (string What, Action Fill)[] cases)
    {
        var rates = cases.Select(_ => new double[Repeats]).ToArray();
        foreach (var (_, fill) in cases)
            Measure(fill);
        for (var i = 0; i < Repeats; i++)
        {
            for (var k = 0; k < cases.Length; k++)
                rates[k][i] = Measure(cases[k].Fill);
        }

        for (var k = 0; k < cases.Length; k++)
        {
            Array.Sort(rates[k]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{cases[k].What,-40} {rates[k][Repeats / 2],8:0} images/s   (from {rates[k][0]:0} to {rates[k][^1]:0})"));
        }
    }

    private static double Measure(Action fill)
    {
        var count = 0;
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        TimeSpan used;
        do
        {
            fill();
            count += BatchSize;
            process.Refresh();
            used = process.TotalProcessorTime - start;
        }
        while (used < RepeatTime);
        return count / used.TotalSeconds;
    }

    private static void ReportPython(TextWriter output, string pixels)
    {
        const string Script = "Tests/Benchmarks/loader_rate.py";
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, [Script, pixels]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var lines = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    output.Write(lines);
                    return;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
            }
        }

        output.WriteLine($"no Python with torch and torchvision ran {Script}: start from the repository's root");
    }

    /// <summary>Noise with large shapes in it.</summary>
    private sealed class SyntheticPictures : PictureSet
    {
        public override IReadOnlyList<string> Classes { get; } = ["even", "odd"];

        public override int Count => Pictures;

        public override int Label(int index) => index % 2;

        public override string Name(int index) => $"{index}";

        public override RgbImage Load(int index)
        {
            var pixels = new byte[Side * Side * 3];
            new Random(index).NextBytes(pixels);
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)((pixels[i] >> 2) + (i / 3 % Side / 2) + (index % 60));
            return new RgbImage(Side, Side, pixels);
        }
    }
}
