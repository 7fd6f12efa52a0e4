using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>The main job, one step after the other: pictures, training, export, scoring, report.</summary>
internal static class MainJob
{
    public static void Run(QuickstartOptions options, CancellationToken cancellationToken)
    {
        CheckOutput(options.Output);
        var total = Stopwatch.StartNew();
        var progress = new ConsoleProgress();
        var data = PictureData.Open(options, progress, cancellationToken);
        var preprocessing = Preprocess(options, data, cancellationToken);
        progress.Report($"pictures: {data.Training.Images.Count} for training, {data.HeldOut.Images.Count} held out, {data.Test.Images.Count} for the test, {data.Training.Classes.Count} classes");

        using var network = new AlexNet(new AlexNetOptions
        {
            Classes = data.Training.Classes.Count,
            Side = preprocessing.CropSide,
            Width = options.Width,
            Seed = options.Seed,
            Initialization = options.Width == 1 && preprocessing.CropSide == 224 ? AlexNetInitialization.Paper : AlexNetInitialization.He,
        });
        long parameters = network.parameters().Sum(p => p.numel());
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"network: AlexNet, width {options.Width}, side {preprocessing.CropSide}, {parameters:N0} parameters, random weights from seed {options.Seed}"));

        var trainer = new NetworkTrainer(TrainerOptionsFor(options));
        var training = trainer.Train(network, data.Training, data.HeldOut, preprocessing, progress, cancellationToken);

        var export = OnnxModelFolder.Write(
            options.Output,
            network,
            new OnnxExportOptions { Preprocessing = preprocessing, Labels = data.Training.Classes },
            cancellationToken: cancellationToken);
        progress.Report($"export: {Path.Combine(options.Output, "model.onnx")}, {export.Bytes / 1e6:F2} MB, {export.Verification.Tensors.Count} tensors compared with torch");

        var score = TestScore.Measure(options.Output, data, new OnnxImageScorerOptions { Device = DeviceFor(options.Device), RuntimeThreads = options.Threads, DecodeThreads = options.Threads });
        var results = new QuickstartResults(options, data, preprocessing, parameters, training, export, score, total.Elapsed.TotalSeconds);
        AtomicFile.WriteAllText(Path.Combine(options.Output, "metrics.json"), results.ToJson());
        string report = Path.Combine(options.Output, "report.html");
        AtomicFile.WriteAllText(report, QuickstartReport.Draw(results, network));

        progress.Report(string.Create(CultureInfo.InvariantCulture, $"top-1: {score.Metrics.MicroAccuracy:F4}"));
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"top-5: {score.Metrics.TopKAccuracy:F4}"));
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"torch vs onnx, worst relative difference: {export.Verification.WorstRelativeDifference:0.0e-00}"));
        progress.Report($"pipeline rows: {score.Rows.Count}");
        progress.Report($"report: {report.Replace('\\', '/')}");
    }

    private static ImagePreprocessing Preprocess(QuickstartOptions options, PictureData data, CancellationToken cancellationToken)
    {
        int side = options.ResolvedSide;
        var size = new ImagePreprocessing { ShorterSide = options.ResolvedShorterSide, CropSide = side };
        var statistics = PictureStatistics.Measure(data.Training, size, new PictureStatisticsOptions { Sample = 5000 }, cancellationToken: cancellationToken);
        return statistics.WithMeanColor(size);
    }

    private static TrainerOptions TrainerOptionsFor(QuickstartOptions options) => new()
    {
        Epochs = options.Epochs,
        BatchSize = options.BatchSize,
        LearningRate = options.ResolvedLearningRate,
        Velocity = VelocityForm.RateOutside,
        Schedule = new OneCycleSchedule { Warmup = 0.1 },
        Seed = options.Seed,
        Device = options.Device,
        Threads = options.Threads,
    };

    private static OnnxDevice DeviceFor(string device) =>
        device.StartsWith("cuda", StringComparison.Ordinal)
            ? OnnxDevice.Cuda(device.Contains(':', StringComparison.Ordinal) ? int.Parse(device[(device.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture) : 0)
            : OnnxDevice.Cpu;

    // Minutes of training must not end at a folder that cannot be written.
    private static void CheckOutput(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The output folder {folder} cannot be written ({error.Message}): choose another with --out.", error);
        }
    }
}
