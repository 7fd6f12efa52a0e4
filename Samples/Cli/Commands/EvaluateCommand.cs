using System.CommandLine;
using AlexNetMl.Export;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml evaluate: top-1, top-5 and each class by itself, of a run or an ONNX file.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A run's folder, an .onnx file, or a folder with model.onnx.", Required = true, HelpName = "RUN|model.onnx" };
        Option<string[]> data = CommonOptions.Data();
        var tenCrop = new Option<bool>("--ten-crop") { Description = "Average over four corners and centre and their mirror images (paper, section 4.1); else the centre window. An ONNX file with ten windows inside always does." };
        var batch = new Option<int>("--batch") { Description = "Windows scored at once.", DefaultValueFactory = _ => 64, HelpName = "N" };
        var device = new Option<string>("--device") { Description = "cpu or cuda:N.", DefaultValueFactory = _ => "cpu" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> skip = CommonOptions.SkipBroken(), json = CommonOptions.Json();
        var command = new Command("evaluate", "Scores labelled pictures: top-1, top-5 and a table of the classes.") { model, data, tenCrop, batch, device, threads, skip, json };
        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(json));
            var options = new TrainerOptions
            {
                BatchSize = parsed.GetValue(batch), Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads),
                OnBrokenImage = parsed.GetValue(skip) ? BrokenImageHandling.Skip : BrokenImageHandling.Stop,
            };
            EvaluationCrops crops = parsed.GetValue(tenCrop) ? EvaluationCrops.TenCrop : EvaluationCrops.Center;
            UsageException.Check(options.Validate);
            string path = parsed.GetRequiredValue(model);
            if (!File.Exists(path) && !Directory.Exists(path))
            {
                throw new FileNotFoundException($"'{path}' does not exist: give a run's folder, an .onnx file, or a folder with model.onnx.");
            }

            PictureSet pictures = PictureSet.Open(parsed.GetRequiredValue(data));
            using var opened = pictures as IDisposable;
            var clock = System.Diagnostics.Stopwatch.StartNew();
            (EvaluationResult result, IReadOnlyList<string> classes, string what) = TrainingRun.Exists(path)
                ? EvaluateRun(path, pictures, crops, options, console, cancellation)
                : EvaluateOnnx(path, pictures, crops, options, console, cancellation);
            if (result.UnscoredImages == result.Images)
            {
                throw new InvalidDataException($"'{path}' gives none of the {result.Images} pictures scores that are numbers: its training diverged or its weights are damaged; train or export it anew.");
            }

            Print(console, what, result, classes, clock.Elapsed.TotalSeconds);
        });
        return command;
    }

    private static (EvaluationResult, IReadOnlyList<string>, string) EvaluateRun(string folder, PictureSet pictures, EvaluationCrops crops, TrainerOptions options, Output console, CancellationToken cancellation)
    {
        using TrainedNetwork trained = TrainedNetwork.Load(folder, OnnxRuns.Networks(folder));
        PictureSet.RequireSameClasses(trained.Run.Classes, pictures);
        if (trained.Run.Towers && !options.Device.Contains(',', StringComparison.Ordinal))
        {
            options = options with { Device = $"{options.Device},{options.Device}" };
        }

        EvaluationResult result = new NetworkTrainer(options).Evaluate(trained.Network, pictures, trained.Preprocessing, crops, console.Share("evaluate"), cancellation);
        return (result, trained.Run.Classes, trained.Weights);
    }

    private static (EvaluationResult, IReadOnlyList<string>, string) EvaluateOnnx(string path, PictureSet pictures, EvaluationCrops crops, TrainerOptions options, Output console, CancellationToken cancellation)
    {
        using OnnxImageNetwork network = OnnxImageNetwork.Load(path, new OnnxImageScorerOptions
        {
            RuntimeThreads = options.Threads,
            Device = CommonOptions.OneDevice(options.Device),
        });
        PictureSet.RequireSameClasses(network.Labels, pictures);
        UsageException.Check(() => OnnxEvaluation.Crops(network, crops));
        EvaluationResult result = OnnxEvaluation.Run(network, pictures, crops, options, console.Share("evaluate"), cancellation);
        return (result, network.Labels, $"{path} ({network.Provider})");
    }

    private static void Print(Output console, string what, EvaluationResult result, IReadOnlyList<string> classes, double seconds)
    {
        console.Line($"model: {what}");
        console.Line($"pictures: {result.Images}{(result.SkippedImages > 0 ? $", {result.SkippedImages} broken ones left out" : "")}, {(result.Crops == EvaluationCrops.TenCrop ? "ten windows each" : "centre window")}, {result.Images / seconds:F0} images/s");
        if (result.UnscoredImages > 0)
        {
            console.Line($"without scores: {result.UnscoredImages} of the pictures, counted as wrong; the network gives NaN or infinity for them");
        }

        console.Line($"top-1: {result.Top1:F4}");
        console.Line($"top-5: {result.Top5:F4}");
        console.Line($"cross entropy: {result.Loss:F4}");
        int width = Math.Max(5, classes.Max(name => name.Length));
        console.Line($"{"class".PadRight(width)}  pictures   top-1   top-5  precision");
        foreach (ClassResult one in result.Classes)
        {
            console.Line($"{classes[one.Label].PadRight(width)}  {one.Images,8}  {one.Top1,6:F4}  {one.Top5,6:F4}  {one.Precision,9:F4}");
        }

        console.Result(new
        {
            Model = what,
            Crops = result.Crops.ToString(),
            result.Images,
            result.UnscoredImages,
            result.SkippedImages,
            result.Top1,
            result.Top5,
            result.Loss,
            Seconds = seconds,
            Classes = result.Classes.Select(one => new { Name = classes[one.Label], one.Images, one.Top1, one.Top5, one.Precision }),
        });
    }
}
