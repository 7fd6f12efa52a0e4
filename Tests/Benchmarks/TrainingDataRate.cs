using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Training of AlexNet-224 on the CPU, paper's recipe, batches of 32: fed from a folder of JPEG files of 500×375 that are decoded at every use, from a
/// packed cache, and with one batch that is ready in memory. The three take turns; rates are medians over the rounds, ratios medians within a round.
/// </summary>
public static class TrainingDataRate
{
    private const int Pictures = 512, BatchSize = 32, WarmUp = 3, Steps = 12, Rounds = 6;

    /// <summary>Measures and prints a rate for each source and its ratio to the ready batch.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string folder = Path.Combine(Path.GetTempPath(), $"alexnetml-data-{Guid.NewGuid():N}");
        try
        {
            ImageFolder files = JpegFolder(Path.Combine(folder, "pictures"));
            var size = new ImagePreprocessing { ShorterSide = 256, CropSide = 224, RescaleFactor = 1 };
            using PictureCache cache = PictureCache.Build(files, size, Path.Combine(folder, "cache"));
            PictureStatistics statistics = PictureStatistics.Measure(cache, size);
            ImagePreprocessing preprocessing = statistics.WithMeanImage(size);
            TrainerOptions options = Recipes.Paper.Training with { BatchSize = BatchSize, CacheBytes = 0 };
            var data = new[]
            {
                ("ready batch", (PictureSet?)null),
                ("JPEG folder", files),
                ("packed cache", cache),
            };
            using var network = new AlexNet(classes: 2);
            network.train(true);
            using var weights = new TrainedWeights(network, TrainingPrecision.Float32);
            using var optimizer = new MomentumSgd(weights.Parameters);
            var rates = data.Select(_ => new double[Rounds]).ToArray();
            for (int round = 0; round < Rounds; round++)
            {
                double[] turns = Contest.Round(round, [.. data.Select(source => (Func<double>)(() => Measure(source.Item2, cache, preprocessing, statistics, options, weights, optimizer)))]);
                for (int i = 0; i < data.Length; i++)
                    rates[i][round] = turns[i];
            }

            output.WriteLine($"AlexNet-224, paper's recipe, batch {BatchSize}, {get_num_threads()} threads, {Steps} steps a turn");
            for (int i = 0; i < data.Length; i++)
            {
                double[] ratios = [.. rates[i].Zip(rates[0], (own, ready) => own / ready).Order()];
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{data[i].Item1,-14} {Contest.Median(rates[i]),7:f1} images/s   {100 * Contest.Median(ratios),5:f1} % of the ready batch (rounds {100 * ratios[0]:f1} to {100 * ratios[^1]:f1})"));
            }
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static double Measure(PictureSet? set, PictureCache cache, ImagePreprocessing preprocessing, PictureStatistics statistics, TrainerOptions options, TrainedWeights weights, MomentumSgd optimizer)
    {
        using var ready = new Batch(BatchSize, preprocessing.CropSide);
        BatchLoader? loader = null;
        PictureStore store = PictureStore.Open(set ?? cache, preprocessing, options, get_num_threads(), CancellationToken.None);
        var augmentation = new Augmentation(1, options.Augmentation, preprocessing, statistics);
        if (set is null)
        {
            new BatchFiller(store, preprocessing, augmentation).Fill(ready, epoch: 0, store.All.AsSpan(0, BatchSize), new());
        }
        else
        {
            loader = new BatchLoader(store, preprocessing, augmentation, _ => store.All, epochs: 100, BatchSize, options.ResolvedWorkers(store.InMemory), lowPriority: true);
        }

        using (loader)
        {
            var clock = new Stopwatch();
            for (int step = 0; step < WarmUp + Steps; step++)
            {
                if (step == WarmUp)
                    clock.Start();
                Batch batch = loader?.Take(step, CancellationToken.None) ?? ready;
                using GradientStep gradients = GradientStep.Take(weights, batch, CPU, classes: 2, options);
                optimizer.Step(1e-6);
                loader?.Release(batch);
            }

            return Steps * BatchSize / clock.Elapsed.TotalSeconds;
        }
    }

    // One real photograph many times: what is measured is decoding and resizing, not what is on it.
    private static ImageFolder JpegFolder(string folder)
    {
        byte[] photo = File.ReadAllBytes(ResamplerRate.FindPicture());
        foreach (string name in new[] { "even", "odd" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (int i = 0; i < Pictures / 2; i++)
                File.WriteAllBytes(Path.Combine(folder, name, $"{i:D4}.jpg"), photo);
        }

        return ImageFolder.Scan(folder);
    }
}
