using System.Diagnostics;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Samples.ScorePipeline;

/// <summary>A trained network in an ordinary ML.NET pipeline.</summary>
internal static class Pipeline
{
    public static void Score(string modelFolder, IReadOnlyList<PictureRow> pictures, int batchSize, int rowsToPrint)
    {
        var clock = Stopwatch.StartNew();

        // These are the ten lines.
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable(pictures);
        var pipeline = ml.Transforms.MapLabelsToKeys(modelFolder, "Label", "ClassName", allowUnknown: true)
            .Append(ml.Transforms.ScoreOnnxImages(modelFolder, "ImagePath", new OnnxImageScorerOptions { BatchSize = batchSize }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
        using var model = pipeline.Fit(data);
        IDataView scored = ml.Data.Cache(model.Transform(data));        // rows are lazy: without the cache every pass would score again
        foreach (ScoredPicture row in ml.Data.CreateEnumerable<ScoredPicture>(ml.Data.TakeRows(scored, rowsToPrint), reuseRowObject: false))
            Console.WriteLine(FormattableString.Invariant($"{row.ImagePath.Replace('\\', '/')}: {row.Answer} {row.Score.Max():P1}"));
        int classes = ((VectorDataViewType)scored.Schema["Score"].Type).Size, top = Math.Min(5, classes);
        var metrics = ml.MulticlassClassification.Evaluate(scored, topKPredictionCount: top);

        int known = scored.GetColumn<uint>("Label").Count(key => key != 0);
        var console = new ConsoleLines();
        console.Line($"rows: {pictures.Count} in {clock.Elapsed.TotalSeconds:F1} s, batches of {batchSize}, the model's loading and the pictures' decoding included");
        if (known > 0)
        {
            console.Line($"top-1: {metrics.MicroAccuracy:F4}, top-{top}: {metrics.TopKAccuracy:F4} on the {known} pictures whose folder is called like one of the model's labels");
        }
        else
        {
            console.Line($"accuracy: unknown, no folder of the pictures is called like one of the model's labels");
        }
    }

    private sealed class ScoredPicture
    {
        public string ImagePath { get; set; } = "";

        public string Answer { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
