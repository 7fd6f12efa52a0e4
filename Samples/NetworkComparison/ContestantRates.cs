using System.Diagnostics;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.NetworkComparison;

/// <summary>How fast a network is, medians of the rounds.</summary>
/// <param name="Training">Images a second in training, decoded before.</param>
/// <param name="Scoring">Images a second from files to probabilities in ONNX Runtime.</param>
internal sealed record ContestantRate(double Training, double Scoring);

/// <summary>Measures all networks on the same few pictures, in turns.</summary>
internal static class ContestantRates
{
    public const int Rounds = 3;
    private const int TrainingPictures = 2000;
    private const int ScoringPictures = 2000;

    public static IReadOnlyList<ContestantRate> Measure(ComparisonOptions options, PictureSet training, PictureSet test, CancellationToken cancellation)
    {
        PictureSet few = training.Count <= TrainingPictures ? training : training.Split(TrainingPictures, options.Seed).HeldOut;
        string manifest = Comparison.Manifest(few, options.Output, "rates.csv");
        ImageInput[] inputs = [.. Enumerable.Range(0, Math.Min(test.Count, ScoringPictures)).Select(i => ImageInput.FromFile(test.Name(i)))];
        var trained = options.Networks.Select(_ => new List<double>()).ToArray();
        var scored = options.Networks.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < options.Networks.Count; i++)
            {
                // The first epoch reads and decodes the pictures, the second has them.
                trained[i].Add(Comparison.TrialRate(options, Comparison.Request(options, options.Networks[i], manifest, epochs: 2), cancellation));
                scored[i].Add(Scoring(options, options.Networks[i], inputs, cancellation));
            }
        }

        return [.. options.Networks.Select((_, i) => new ContestantRate(Median(trained[i]), Median(scored[i])))];
    }

    private static double Scoring(ComparisonOptions options, Contestant contestant, ImageInput[] inputs, CancellationToken cancellation)
    {
        using var scorer = OnnxImageScorer.Load(Path.Combine(options.Output, $"{contestant.Name}.onnx"), new OnnxImageScorerOptions { BatchSize = options.BatchSize, RuntimeThreads = options.Threads });
        _ = scorer.Score(inputs.Take(options.BatchSize), cancellation).Count();
        var clock = Stopwatch.StartNew();
        int rows = scorer.Score(inputs, cancellation).Count();
        return rows / clock.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
