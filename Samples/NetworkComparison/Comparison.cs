using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Samples.Quickstart;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.NetworkComparison;

/// <summary>Trains, measures and scores one network after the other on the same pictures.</summary>
internal static class Comparison
{
    public static void Run(ComparisonOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Output);
        string folder = options.Data ?? Path.Combine(options.Output, "images");
        string description = options.Data ?? FashionMnist.WriteFolders(folder, new Said(), cancellationToken: cancellation);
        ImageFolder all = ImageFolder.Scan(Path.Combine(folder, "train")), test = ImageFolder.Scan(Path.Combine(folder, "test"));
        PictureSet training = options.Pictures == 0 || options.Pictures >= all.Count ? all : all.Split(options.Pictures, options.Seed).HeldOut;
        string manifest = Manifest(training, options.Output, "train.csv");
        Say($"{description}: {training.Count} pictures to train on, {test.Count} to test");

        int epochs = Fit(options, manifest, training.Count, cancellation);
        var results = new List<ContestantResult>();
        foreach (Contestant contestant in options.Networks)
        {
            TrainingOutcome outcome = TrainingJob.Run(Request(options, contestant, manifest, epochs), new TrainingListeners(), cancellation);
            ContestantResult result = Measure(options, contestant, outcome, test, cancellation);
            results.Add(result);
            Say($"{contestant.Name}: top-1 {result.Top1:F4}, cross entropy {result.Loss:F3}, {result.Profile.ParametersInUse:N0} parameters");
            // After each: what is done is not lost when the machine is needed otherwise.
            ComparisonPage.Write(options, description, training.Count, epochs, results);
        }

        // Rates at the end, in turns: what else the machine did during one network's hour of training would be taken for that network's own.
        Say($"measuring images per second, {ContestantRates.Rounds} rounds in turns");
        IReadOnlyList<ContestantRate> measured = ContestantRates.Measure(options, training, test, cancellation);
        for (int i = 0; i < results.Count; i++)
        {
            results[i] = results[i] with { Rate = measured[i] };
            Say($"{results[i].Contestant.Name}: {measured[i].Training:F0} images/s in training, {measured[i].Scoring:F0} in scoring");
        }

        ComparisonPage.Write(options, description, training.Count, epochs, results);
        Say($"table and charts: {Path.Combine(options.Output, ComparisonPage.Name)}");
    }

    // The time of one epoch is that of a few steps, times their number.
    private static int Fit(ComparisonOptions options, string manifest, int pictures, CancellationToken cancellation)
    {
        if (options.Minutes == 0)
        {
            return options.Epochs;
        }

        const int Steps = 6;
        double seconds = 0;
        foreach (Contestant contestant in options.Networks)
        {
            seconds += pictures / TrialRate(options, Request(options, contestant, manifest, options.Epochs) with { MaxSteps = Steps }, cancellation);
        }

        int fitting = Math.Max(1, (int)(options.Minutes * 60 / seconds));
        Say($"one epoch of all networks takes about {seconds:F0} s: {Math.Min(fitting, options.Epochs)} epochs of {options.Epochs} fit into {options.Minutes} minutes");
        return Math.Min(fitting, options.Epochs);
    }

    /// <summary>Images a second in the last epoch of a training of which nothing is kept.</summary>
    internal static double TrialRate(ComparisonOptions options, TrainingRequest request, CancellationToken cancellation)
    {
        string trial = Path.Combine(options.Output, ".trial");
        try
        {
            return TrainingJob.Run(request with { Run = trial, Validation = "0", Resume = false }, new TrainingListeners(), cancellation).Result.Epochs[^1].ImagesPerSecond;
        }
        finally
        {
            if (Directory.Exists(trial))
            {
                Directory.Delete(trial, recursive: true);
            }
        }
    }

    /// <summary>What a network is trained with.</summary>
    internal static TrainingRequest Request(ComparisonOptions options, Contestant contestant, string manifest, int epochs) => new()
    {
        Data = [manifest],
        Validation = "0.1",
        Run = Path.Combine(options.Output, contestant.Name),
        Resume = true,
        Architecture = contestant.Name,
        Recipe = "default",
        Width = contestant.Width,
        Side = options.Side,
        Epochs = epochs,
        BatchSize = options.BatchSize,
        Seed = options.Seed,
        Threads = options.Threads,
    };

    private static ContestantResult Measure(ComparisonOptions options, Contestant contestant, TrainingOutcome outcome, ImageFolder test, CancellationToken cancellation)
    {
        using TrainedNetwork trained = TrainedNetwork.Load(Path.Combine(options.Output, contestant.Name));
        EvaluationResult accuracy = new NetworkTrainer(new TrainerOptions { Threads = options.Threads }).Evaluate(trained.Network, test, trained.Preprocessing, cancellationToken: cancellation);
        string model = Path.Combine(options.Output, $"{contestant.Name}.onnx");
        OnnxExporter.Export(trained.Network, model, new OnnxExportOptions { Preprocessing = trained.Preprocessing, Labels = trained.Run.Classes, FoldBatchNorm = true }, cancellationToken: cancellation);
        NetworkProfile profile = NetworkProfile.Of(contestant.Definition, outcome.Run.Network);
        return new ContestantResult(contestant, profile, accuracy.Top1, accuracy.Loss, outcome.Result.Epochs, Rate: null);
    }

    /// <summary>A set as a list of files: the same for every network.</summary>
    internal static string Manifest(PictureSet pictures, string output, string name)
    {
        string path = Path.GetFullPath(Path.Combine(output, name));
        IEnumerable<string> lines = Enumerable.Range(0, pictures.Count).Select(i => $"{Path.GetFullPath(pictures.Name(i))},{pictures.Classes[pictures.Label(i)]}");
        AtomicFile.WriteAllText(path, string.Join('\n', lines.Prepend("path,label")) + "\n");
        return path;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed class Said : IProgress<string>
    {
        public void Report(string value) => Console.WriteLine(value);
    }
}

/// <summary>What became of one network.</summary>
/// <param name="Contestant">The network.</param>
/// <param name="Profile">What it costs.</param>
/// <param name="Top1">Share of the test pictures that it is right about.</param>
/// <param name="Loss">Cross entropy on them.</param>
/// <param name="Epochs">Its epochs.</param>
/// <param name="Rate">How fast it is; null until all are trained.</param>
internal sealed record ContestantResult(
    Contestant Contestant, NetworkProfile Profile, double Top1, double Loss, IReadOnlyList<EpochMetrics> Epochs, ContestantRate? Rate);
