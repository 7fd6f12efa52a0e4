using AlexNetMl.Trainers;
using AlexNetMl.Training;
using Microsoft.ML;

namespace AlexNetMl.Samples.TransferLearning;

/// <summary>A network that has learnt other classes than those it is to be used for.</summary>
/// <param name="Model">Its folder.</param>
/// <param name="Weights">Its weights, for fine-tuning; null where only the ONNX file is there.</param>
internal sealed record SourceNetwork(string Model, string? Weights)
{
    /// <summary>An AlexNet of a fifth of the width for pictures of 28×28, as models/fashion-alexnet is.</summary>
    public static NetworkTrainerOptions Shape { get; } = new() { Width = 0.2, Side = 24, ShorterSide = 26 };

    /// <summary>Trains it.</summary>
    public static SourceNetwork Train(IReadOnlyList<PictureRow> pictures, TransferOptions options, ConsoleLines console, CancellationToken cancellation)
    {
        var ml = new MLContext(options.Seed);
        string run = Path.Combine(options.Output, "run");
        var trainer = ml.MulticlassClassification.Trainers.AlexNet(Shape with
        {
            Epochs = options.SourceEpochs,
            Seed = options.Seed,
            Threads = options.Threads,
            OutputFolder = Path.Combine(options.Output, "source"),
            RunFolder = run,
            Progress = new Told(console),
            CancellationToken = cancellation,
        });

        // Each start trains anew: what the folder holds may be of other options.
        if (TrainingRun.Exists(run))
        {
            Directory.Delete(run, recursive: true);
        }

        using var network = ml.Transforms.Conversion.MapValueToKey("Label", "ClassName").Append(trainer).Fit(ml.Data.LoadFromEnumerable(pictures));
        EpochMetrics last = network.LastTransformer.Training.Result.Epochs[^1];
        console.Line($"source network: {string.Join(", ", network.LastTransformer.Labels)}; top-1 {last.ValidationAccuracy:F4} on held-out pictures of these");
        return new SourceNetwork(network.LastTransformer.ModelFolder, Path.Combine(run, "weights.safetensors"));
    }

    private sealed class Told(ConsoleLines console) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Completed is { } epoch)
            {
                console.Line($"source network: epoch {epoch.Epoch}, loss {epoch.TrainingLoss:F3}, top-1 {epoch.ValidationAccuracy:F4}");
            }
            else
            {
                console.Moving($"source network: epoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.Steps}  loss {value.Loss:F3}");
            }
        }
    }
}
