using System.Globalization;
using System.Text;
using AlexNetMl.Trainers;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Samples.TrainAsEstimator;

/// <summary>A network that is trained like any of ML.NET's own trainers.</summary>
internal static class EstimatorPipeline
{
    public static void Run(SampleOptions options, CancellationToken cancellation)
    {
        var console = new ConsoleLines();
        var ml = new MLContext(options.Seed);
        ml.Log += (_, line) =>
        {
            if (line.Source.StartsWith("NetworkTrainer", StringComparison.Ordinal) && line.Kind != ChannelMessageKind.Trace)
            {
                console.Report($"  {line.RawMessage}");
            }
        };
        IDataView data = ml.Data.LoadFromEnumerable(Pictures(options, console, cancellation));
        var training = new NetworkTrainerOptions
        {
            ImageColumnName = "ImagePath",
            Epochs = options.Epochs,
            Width = options.Width,
            Side = options.Side,
            ShorterSide = options.ShorterSide,
            Seed = options.Seed,
            Threads = options.Threads,
            OutputFolder = options.Output,
            RunFolder = options.Run,
            Resume = options.Run is not null,
            Progress = new Moving(console),
            CancellationToken = cancellation,
        };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "ClassName")
            .Append(ml.MulticlassClassification.Trainers.Network(options.Network, training, ml));
        if (options.Folds > 0)
        {
            CrossValidate(ml, data, pipeline, options, console);
        }
        else
        {
            TrainAndTest(ml, data, pipeline, options, console);
        }
    }

    private static void TrainAndTest(MLContext ml, IDataView data, EstimatorChain<NetworkTransformer> pipeline, SampleOptions options, ConsoleLines console)
    {
        DataOperationsCatalog.TrainTestData? split = options.TestFraction > 0 ? ml.Data.TrainTestSplit(data, options.TestFraction, seed: options.Seed) : null;
        using TransformerChain<NetworkTransformer> model = pipeline.Fit(split?.TrainSet ?? data);
        NetworkTransformer network = model.LastTransformer;
        console.Line($"trained: {network.Training.Run.Data.TrainingPictures} pictures, {network.Training.Result.Elapsed.TotalSeconds:F0} s, {network.Training.Parameters:N0} parameters");
        if (split is { } parts)
        {
            MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(parts.TestSet));
            console.Report(Table(metrics.ConfusionMatrix, network.Labels));
            console.Line($"top-1 on {metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()):F0} test pictures: {metrics.MicroAccuracy:F4}, mean over the classes {metrics.MacroAccuracy:F4}, log-loss {metrics.LogLoss:F3}");
        }

        if (options.Output is not null)
        {
            console.Line($"model: {Path.Combine(options.Output, "model.onnx").Replace('\\', '/')}");
        }
    }

    private static void CrossValidate(MLContext ml, IDataView data, EstimatorChain<NetworkTransformer> pipeline, SampleOptions options, ConsoleLines console)
    {
        var folds = ml.MulticlassClassification.CrossValidate(data, pipeline, options.Folds, seed: options.Seed);
        foreach (var fold in folds)
        {
            console.Line($"fold {fold.Fold + 1}: top-1 {fold.Metrics.MicroAccuracy:F4}");
            (fold.Model as IDisposable)?.Dispose();
        }

        double mean = folds.Average(fold => fold.Metrics.MicroAccuracy);
        double deviation = Math.Sqrt(folds.Sum(fold => Math.Pow(fold.Metrics.MicroAccuracy - mean, 2)) / (folds.Count - 1));
        console.Line($"top-1 over {folds.Count} folds: {mean:F4} ± {deviation:F4} (standard deviation)");
    }

    private static IReadOnlyList<PictureRow> Pictures(SampleOptions options, ConsoleLines console, CancellationToken cancellation)
    {
        if (options.Data is { } folder)
        {
            return PictureRow.ListEvenly(folder, options.Pictures);
        }

        string pictures = Path.Combine("artifacts", "fashion-mnist");
        FashionMnist.WriteFolders(pictures, console, FashionMnistSets.Training, cancellationToken: cancellation);
        return PictureRow.ListEvenly(Path.Combine(pictures, "train"), options.Pictures);
    }

    // Rows are what the pictures are, columns what the network says.
    private static string Table(ConfusionMatrix matrix, IReadOnlyList<string> labels)
    {
        int width = labels.Max(label => label.Length);
        var text = new StringBuilder("confusion (row: what it is, column: what the network says)");
        for (int row = 0; row < labels.Count; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {labels[row].PadRight(width)}");
            for (int column = 0; column < labels.Count; column++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{matrix.Counts[row][column],6:F0}");
            }
        }

        return text.ToString();
    }

    private sealed class Moving(ConsoleLines console) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Completed is null)
            {
                console.Moving($"epoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.Steps}  loss {value.Loss:F3}  {value.ImagesPerSecond:F0} images/s  {value.Remaining:m\\:ss} left");
            }
        }
    }
}
