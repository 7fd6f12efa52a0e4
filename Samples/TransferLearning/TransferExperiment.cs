using System.Globalization;
using AlexNetMl.Trainers;
using AlexNetMl.Training;
using Microsoft.ML;

namespace AlexNetMl.Samples.TransferLearning;

/// <summary>Three ways to learn new classes from a handful of pictures, measured on the same test pictures.</summary>
internal static class TransferExperiment
{
    private const int BatchSize = 16;

    public static void Run(TransferOptions options, CancellationToken cancellation)
    {
        var console = new ConsoleLines();
        (IReadOnlyList<PictureRow> source, IReadOnlyList<PictureRow> pool, IReadOnlyList<PictureRow> test) = Pictures(options, console, cancellation);
        SourceNetwork network = options.Model is { } model ? new SourceNetwork(model, null) : SourceNetwork.Train(source, options, console, cancellation);
        string[] classes = [.. test.Select(row => row.ClassName).Distinct()];
        console.Line($"new classes: {string.Join(", ", classes)}; {test.Count} test pictures; chance is {1.0 / classes.Length:F4}");
        console.Line($"{"per class",9}  {"features + linear",20}  {"fine-tuned",20}  {"from scratch",20}");
        foreach (int perClass in options.PerClass)
        {
            double[][] accuracies = [.. Enumerable.Range(0, options.Repeats).Select(draw =>
            {
                cancellation.ThrowIfCancellationRequested();
                console.Moving($"{perClass} of each class, draw {draw + 1} of {options.Repeats}");
                IReadOnlyList<PictureRow> handful = Handful.Draw(pool, perClass, options.Seed + draw);
                return new[]
                {
                    Linear(network.Model, handful, test, options),
                    network.Weights is null ? double.NaN : Network(handful, test, options, draw, network.Weights, cancellation),
                    Network(handful, test, options, draw, from: null, cancellation),
                };
            })];
            string[] columns = [.. Enumerable.Range(0, 3).Select(way => Spread([.. accuracies.Select(row => row[way])]))];
            console.Line($"{perClass,9}  {columns[0],20}  {columns[1],20}  {columns[2],20}");
        }
    }

    /// <summary>Features of the source network, and ML.NET's own linear trainer on them.</summary>
    private static double Linear(string model, IReadOnlyList<PictureRow> handful, IReadOnlyList<PictureRow> test, TransferOptions options)
    {
        var ml = new MLContext(options.Seed);
        IDataView training = ml.Data.LoadFromEnumerable(handful), testing = ml.Data.LoadFromEnumerable(test);
        var features = ml.Transforms.Conversion.MapValueToKey("Label", "ClassName")
            .Append(ml.Transforms.ExtractOnnxImageFeatures(model, "ImagePath", layer: options.Layer, outputColumn: "Features"));
        using var extractor = features.Fit(training);

        // A linear trainer goes over the rows dozens of times; the network goes over the pictures once.
        IDataView rows = ml.Data.Cache(extractor.Transform(training));
        var linear = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Features", l1Regularization: 0, l2Regularization: 1).Fit(rows);
        return ml.MulticlassClassification.Evaluate(linear.Transform(extractor.Transform(testing))).MicroAccuracy;
    }

    /// <summary>A network trained on the handful alone: from random weights, or from the source network's.</summary>
    private static double Network(IReadOnlyList<PictureRow> handful, IReadOnlyList<PictureRow> test, TransferOptions options, int draw, string? from, CancellationToken cancellation)
    {
        var ml = new MLContext(options.Seed);
        int stepsInEpoch = (handful.Count + BatchSize - 1) / BatchSize;
        var trainer = ml.MulticlassClassification.Trainers.AlexNet(SourceNetwork.Shape with
        {
            From = from,
            BatchSize = BatchSize,
            Epochs = Math.Max(1, options.ScratchSteps / stepsInEpoch),
            LearningRate = 0.005,
            ValidationFraction = 0,
            Seed = options.Seed + draw,
            Threads = options.Threads,
            CancellationToken = cancellation,
        });
        using var model = ml.Transforms.Conversion.MapValueToKey("Label", "ClassName").Append(trainer).Fit(ml.Data.LoadFromEnumerable(handful));
        return ml.MulticlassClassification.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(test))).MicroAccuracy;
    }

    private static (IReadOnlyList<PictureRow> Source, IReadOnlyList<PictureRow> Pool, IReadOnlyList<PictureRow> Test) Pictures(TransferOptions options, ConsoleLines console, CancellationToken cancellation)
    {
        if (options is { Data: { } data, Test: { } measure })
        {
            return ([], PictureRow.List(data), PictureRow.ListEvenly(measure, options.TestPictures));
        }

        string folder = Path.Combine("artifacts", options.ShippedPart ? "fashion-mnist-part" : "fashion-mnist");
        FashionMnist.WriteFolders(folder, console, shippedPart: options.ShippedPart, cancellationToken: cancellation);
        string[] known = [.. FashionMnist.Classes.Take(FashionMnist.Classes.Count / 2)];
        IReadOnlyList<PictureRow> training = PictureRow.List(Path.Combine(folder, "train")), test = PictureRow.List(Path.Combine(folder, "test"));
        return (
            PictureRow.Evenly(training.Where(row => known.Contains(row.ClassName)), options.SourcePictures),
            [.. training.Where(row => !known.Contains(row.ClassName))],
            PictureRow.Evenly(test.Where(row => !known.Contains(row.ClassName)), options.TestPictures));
    }

    private static string Spread(double[] values)
    {
        if (values.Any(double.IsNaN))
        {
            return "–";
        }

        double mean = values.Average(), deviation = values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        return values.Length < 2 ? mean.ToString("F4", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{mean:F4} ± {deviation:F4}");
    }
}
