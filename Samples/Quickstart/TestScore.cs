using System.Diagnostics;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>A test picture on its way into the pipeline.</summary>
internal sealed class TestPicture
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";
}

/// <summary>A test picture as it comes out of the pipeline.</summary>
internal sealed class ScoredPicture
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";

    public uint Label { get; set; }

    public uint PredictedLabel { get; set; }

    public float[] Score { get; set; } = [];
}

/// <summary>The exported network as an ordinary ML.NET pipeline over the test pictures.</summary>
/// <param name="Rows">Every row that came out, in order.</param>
/// <param name="Metrics">What ML.NET says of them.</param>
/// <param name="Provider">The ONNX Runtime provider that was really used.</param>
/// <param name="Seconds">From the first picture's path to the last row.</param>
internal sealed record TestScore(IReadOnlyList<ScoredPicture> Rows, MulticlassClassificationMetrics Metrics, string Provider, double Seconds)
{
    /// <summary>Scores and evaluates.</summary>
    public static TestScore Measure(string modelFolder, PictureData data, OnnxImageScorerOptions options)
    {
        var ml = new MLContext(seed: 1);
        var pictures = data.Test.Images.Select(image => new TestPicture { ImagePath = image.Path, ClassName = data.Test.Classes[image.Label] });
        IDataView test = ml.Data.LoadFromEnumerable(pictures);

        // The labels' order is the model's, not the order of appearance; see MapLabelsToKeys.
        var scorer = ml.Transforms.ScoreOnnxImages(modelFolder, inputColumn: "ImagePath", options);
        var pipeline = ml.Transforms.MapLabelsToKeys(modelFolder, "Label", "ClassName").Append(scorer);
        using var model = pipeline.Fit(test);
        IDataView scored = model.Transform(test);

        // Rows are lazy: each pass over them scores again. The test pictures are read once, so the rows are kept and evaluated from memory.
        var clock = Stopwatch.StartNew();
        List<ScoredPicture> rows = [.. ml.Data.CreateEnumerable<ScoredPicture>(scored, reuseRowObject: false)];
        double seconds = clock.Elapsed.TotalSeconds;
        var metrics = ml.MulticlassClassification.Evaluate(InMemory(ml, rows, scored.Schema), topKPredictionCount: Math.Min(5, data.Test.Classes.Count));
        return new TestScore(rows, metrics, model.LastTransformer.Provider, seconds);
    }

    // ML.NET writes a key into an object as it is, from 1, but reads key members of objects as numbers from 0.
    private static IDataView InMemory(MLContext ml, IEnumerable<ScoredPicture> rows, DataViewSchema schema)
    {
        var columns = SchemaDefinition.Create(typeof(EvaluatedRow));
        foreach (var column in columns)
        {
            column.ColumnType = schema[column.ColumnName].Type;
        }

        return ml.Data.LoadFromEnumerable(rows.Select(row => new EvaluatedRow { Label = row.Label - 1, PredictedLabel = row.PredictedLabel - 1, Score = row.Score }), columns);
    }

    private sealed class EvaluatedRow
    {
        public uint Label { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
