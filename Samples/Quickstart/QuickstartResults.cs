using System.Text.Json;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>Everything that one run measured.</summary>
internal sealed record QuickstartResults(
    QuickstartOptions Options,
    PictureData Data,
    ImagePreprocessing Preprocessing,
    long Parameters,
    TrainingResult Training,
    OnnxExportReport Export,
    TestScore Score,
    double Seconds)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The figures as metrics.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Top1 = Score.Metrics.MicroAccuracy,
            Top5 = Score.Metrics.TopKAccuracy,
            Score.Metrics.MacroAccuracy,
            Score.Metrics.LogLoss,
            WorstRelativeDifference = Export.Verification.WorstRelativeDifference,
            PipelineRows = Score.Rows.Count,
            Pictures = Data.Description,
            TrainingPictures = Data.Training.Images.Count,
            HeldOutPictures = Data.HeldOut.Images.Count,
            TestPictures = Data.Test.Images.Count,
            Parameters,
            Options.Width,
            Side = Preprocessing.CropSide,
            Options.Seed,
            Options.BatchSize,
            LearningRate = Options.ResolvedLearningRate,
            Device = Options.Device,
            Score.Provider,
            TrainingSeconds = Training.Elapsed.TotalSeconds,
            ScoringSeconds = Score.Seconds,
            Seconds,
            ModelBytes = Export.Bytes,
            Training.Epochs,
        },
        Indented) + "\n";
}
