using System.CommandLine;
using System.Globalization;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml train: a run in a folder, which may be stopped, killed and resumed.</summary>
internal static class TrainCommand
{
    private static readonly Option<string[]> Data = CommonOptions.Data(required: false);
    private static readonly Option<string> Validation = new("--validation") { Description = "Validation pictures: a place like --data, a share of the training pictures, a number of them, or 0 for none. Default: 0.1.", HelpName = "DIR|FRACTION|N" };
    private static readonly Option<string> Architecture = new("--arch") { Description = "The network, such as alexnet (default), vgg16, googlenet, resnet18 or densenet121: alexnetml networks lists them.", HelpName = "NAME" };
    private static readonly Option<string> RecipeName = new("--recipe") { Description = $"Of alexnet: {string.Join(" ", Recipes.All.Select(recipe => $"{recipe.Name}: {recipe.Description}"))} Of other networks: paper, its paper's, and default. Default: default.", HelpName = "NAME" };
    private static readonly Option<double?> Width = new("--width") { Description = "Factor on the channel counts, 1 for the paper's.", HelpName = "W" };
    private static readonly Option<int?> Side = new("--side") { Description = "Side of the network's input in pixels.", HelpName = "S" };
    private static readonly Option<int?> ShorterSide = new("--shorter-side") { Description = "Shorter side of a picture before a window is cut. Default: 256/224 of --side.", HelpName = "S" };
    private static readonly Option<string> From = new("--from") { Description = "Start from these weights, under the network's own names or torchvision's; layers of another shape start anew. An ONNX file: train its network, as import and --resume do.", HelpName = "w.safetensors|model.onnx" };
    private static readonly Option<bool> Freeze = new("--freeze") { Description = "Train the classifier alone." };
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "Passes over the training pictures.", HelpName = "N" };
    private static readonly Option<long> MaxSteps = new("--max-steps") { Description = "Stop after this many steps of the run, 0 for all.", HelpName = "N" };
    private static readonly Option<int?> Batch = new("--batch") { Description = "Pictures per step.", HelpName = "N" };
    private static readonly Option<int?> Accumulate = new("--accumulate") { Description = "Work through a batch in N parts whose gradients add up, so that it fits a small card.", HelpName = "N" };
    private static readonly Option<double?> LearningRate = new("--learning-rate") { Description = "Highest learning rate of the schedule.", HelpName = "X" };
    private static readonly Option<double?> WeightDecay = new("--weight-decay") { Description = "Weight decay.", HelpName = "X" };
    private static readonly Option<double?> Dropout = new("--dropout") { Description = "Dropout probability.", HelpName = "P" };
    private static readonly Option<double?> Smoothing = new("--label-smoothing") { Description = "Share of the target probability that is spread over all classes.", HelpName = "X" };
    private static readonly Option<int?> Patience = new("--patience") { Description = "End after N epochs without a better validation accuracy, 0 for never.", HelpName = "N" };
    private static readonly Option<int?> Workers = new("--workers") { Description = "Threads that prepare batches, 0 for a choice by the data. No effect on results.", HelpName = "N" };
    private static readonly Option<int> CheckpointEvery = new("--checkpoint-every") { Description = "Steps between checkpoints; one is also written every ten minutes and when a run is stopped.", DefaultValueFactory = _ => new TrainingRunOptions().CheckpointEvery, HelpName = "N" };
    private static readonly Option<int> LogEvery = new("--log-every") { Description = "Steps between lines of metrics.jsonl.", DefaultValueFactory = _ => new TrainingRunOptions().LogEvery, HelpName = "N" };
    private static readonly Option<string> Out = new("--out") { Description = "Folder of the run.", DefaultValueFactory = _ => Path.Combine("runs", "alexnet"), HelpName = "RUN" };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in --out; what is not given again is as it was." };
    private static readonly Option<string> DeviceName = new("--device") { Description = "cpu, cuda:N, or two of them for a network in two halves, as cuda:0,cuda:1 or cpu,cpu. Default: cpu.", HelpName = "D" };
    private static readonly Option<string> Precision = new("--precision") { Description = "fp32, or bf16 for the passes with float32 weights behind them.", HelpName = "fp32|bf16" };
    private static readonly Option<long?> Seed = new("--seed") { Description = "Seed of everything that is drawn. Default: 1.", HelpName = "S" };
    private static readonly Option<int?> Threads = new("--threads") { Description = "CPU threads, 0 for all cores. A run repeats exactly with the same number.", HelpName = "N" };
    private static readonly Option<bool> SkipBroken = CommonOptions.SkipBroken();
    private static readonly Option<bool> Json = CommonOptions.Json();

    private static readonly (Option<bool> Switch, Ablation Ablation)[] Switches =
    [
        (Without("--no-lrn", Ablation.LocalResponseNorm), Ablation.LocalResponseNorm),
        (Without("--no-overlap", Ablation.OverlappingPooling), Ablation.OverlappingPooling),
        (Without("--tanh", Ablation.Relu), Ablation.Relu),
        (Without("--no-pca", Ablation.ColorNoise), Ablation.ColorNoise),
        (Without("--no-dropout", Ablation.Dropout), Ablation.Dropout),
        (Without("--half-size", Ablation.HalfSize), Ablation.HalfSize),
    ];

    private static readonly Option<string> DropLayer = new("--drop-layer") { Description = $"Leave one middle layer out: {string.Join(", ", AlexNetOptions.MiddleLayers)}.", HelpName = "L" };
    private static readonly Option<bool> NoAugmentation = new("--no-augmentation") { Description = "Centre windows as they stand: no random crops, flips or colours." };

    public static Command Create()
    {
        var command = new Command("train", "Trains a network on labelled pictures. Ctrl+C writes a checkpoint and stops; --resume goes on.")
        {
            Data, Validation, Architecture, Width, Side, ShorterSide, RecipeName, DropLayer, NoAugmentation, From, Freeze, Epochs, MaxSteps, Batch, Accumulate, LearningRate, WeightDecay,
            Dropout, Smoothing, Patience, Workers, CheckpointEvery, LogEvery, Out, Resume, DeviceName, Precision, Seed, Threads, SkipBroken, Json,
        };
        foreach ((Option<bool> option, _) in Switches)
        {
            command.Add(option);
        }

        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(Json));
            (TrainingRequest request, bool imported) = FromOnnx(Request(parsed), console, cancellation);
            try
            {
                TrainingOutcome outcome = Train(request, imported, console, cancellation);
                Print(console, request.Run, outcome);
            }
            catch (TrainingDivergedException error) when (TrainingRun.NewestCheckpoint(request.Run) is { } step)
            {
                throw new TrainingDivergedException($"{error.Message.TrimEnd('.')} (--from {Path.Combine(request.Run, "checkpoints", $"{step}", "weights.safetensors")} --learning-rate X --out ANOTHER).", error);
            }
            catch (ImageFormatException error)
            {
                throw new ImageFormatException($"{error.InnerException!.Message.TrimEnd('.')}: replace the picture, or leave broken ones out with {(TrainingRun.Exists(request.Run) ? "--resume --skip-broken" : "--skip-broken")}.", error);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested && TrainingRun.Exists(request.Run))
            {
                console.Line(TrainingRun.NewestCheckpoint(request.Run) is { } step
                    ? $"stopped; checkpoint of step {step} in {request.Run}, go on with --resume"
                    : $"stopped before the first step; start again with --resume --out {request.Run}");
                throw;
            }
        });
        return command;
    }

    // What fails before training has begun leaves the folder as it was, so that the corrected command is not refused.
    private static TrainingOutcome Train(TrainingRequest request, bool imported, Output console, CancellationToken cancellation)
    {
        try
        {
            return TrainingJob.Run(request, Listeners(console), cancellation);
        }
        catch when (imported)
        {
            OnnxRuns.DeleteUntrained(request.Run);
            throw;
        }
    }

    // An ONNX file becomes a run first, unless that has happened already; then the run is gone on with. A run's network may be a file's, too.
    private static (TrainingRequest Request, bool Imported) FromOnnx(TrainingRequest request, Output console, CancellationToken cancellation)
    {
        bool isNew = false;
        if (request.From is { } model && (model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(model, OnnxModelFolder.ModelFile))))
        {
            if (request.Architecture is not null)
            {
                throw new UsageException("--from with an ONNX file trains that file's network: leave --arch out, or give safetensors weights.");
            }

            if (!TrainingRun.Exists(request.Run))
            {
                string file = Directory.Exists(model) ? Path.Combine(model, OnnxModelFolder.ModelFile) : model;
                TrainingJob.Check(request with { From = null, Architecture = OnnxRuns.NetworkFile, Networks = NetworkCatalog.Default.With(OnnxRuns.Definition(OnnxRuns.NetworkFile, file)) });
                OnnxRunReport imported = OnnxRuns.Import(model, request.Run, cancellationToken: cancellation);
                console.Line($"imported: {model}, {imported.Parameters:N0} parameters, {imported.Classes.Count} classes, side {imported.Preprocessing.CropSide} of {imported.Preprocessing.ShorterSide}");
                request = request with { Resume = true };
                isNew = true;
            }
            else if (request.Resume && !OnnxRuns.IsOf(request.Run, model))
            {
                throw new UsageException($"The network of the run in '{request.Run}' is not that of '{model}': leave --from out to go on with the run, or choose another folder.");
            }

            request = request with { From = null };
        }

        return (request with { Networks = OnnxRuns.Networks(request.Run) }, isNew);
    }

    private static TrainingRequest Request(ParseResult parsed)
    {
        string[] data = parsed.GetValue(Data) ?? [];
        bool resume = parsed.GetValue(Resume);
        if (data.Length == 0 && !resume)
        {
            throw new UsageException("--data is missing: name a folder of class folders, a manifest, tar shards or a cache (--help lists the options).");
        }

        Ablation[] without = [.. Switches.Where(one => parsed.GetValue(one.Switch)).Select(one => one.Ablation)];
        if (parsed.GetValue(DropLayer) is { } layer)
        {
            UsageException.Check(() => without = [.. without, Ablation.Layer(layer)]);
        }

        return new TrainingRequest
        {
            Data = data.Length == 0 ? null : data,
            Validation = parsed.GetValue(Validation),
            Run = parsed.GetRequiredValue(Out),
            Resume = resume,
            Architecture = parsed.GetValue(Architecture),
            Recipe = parsed.GetValue(RecipeName),
            Without = without,
            Width = parsed.GetValue(Width),
            Side = parsed.GetValue(Side),
            ShorterSide = parsed.GetValue(ShorterSide),
            Dropout = parsed.GetValue(Dropout),
            Epochs = parsed.GetValue(Epochs),
            MaxSteps = parsed.GetValue(MaxSteps),
            BatchSize = parsed.GetValue(Batch),
            Accumulate = parsed.GetValue(Accumulate),
            LearningRate = parsed.GetValue(LearningRate),
            WeightDecay = parsed.GetValue(WeightDecay),
            LabelSmoothing = parsed.GetValue(Smoothing),
            Augment = parsed.GetValue(NoAugmentation) ? false : null,
            Patience = parsed.GetValue(Patience),
            Precision = parsed.GetValue(Precision) switch
            {
                null => null,
                "fp32" => TrainingPrecision.Float32,
                "bf16" => TrainingPrecision.BFloat16,
                var other => throw new UsageException($"--precision {other}: take fp32 or bf16."),
            },
            Seed = parsed.GetValue(Seed),
            From = parsed.GetValue(From),
            Freeze = parsed.GetValue(Freeze) ? true : null,
            Device = parsed.GetValue(DeviceName),
            Threads = parsed.GetValue(Threads),
            Workers = parsed.GetValue(Workers),
            OnBrokenImage = parsed.GetValue(SkipBroken) ? BrokenImageHandling.Skip : null,
            RunOptions = new TrainingRunOptions { CheckpointEvery = parsed.GetValue(CheckpointEvery), LogEvery = parsed.GetValue(LogEvery) },
        };
    }

    private static TrainingListeners Listeners(Output console) => new(
        console.Line,
        new Listener<TrainingProgress>(value =>
        {
            if (value.Completed is { } done)
            {
                string validation = double.IsNaN(done.ValidationAccuracy) ? "" : string.Create(CultureInfo.InvariantCulture, $", validation: loss {done.ValidationLoss:F3}, top-1 {done.ValidationAccuracy:F4}");
                console.Line($"epoch {done.Epoch}: loss {done.TrainingLoss:F3}{validation}, {done.ImagesPerSecond:F0} images/s");
            }
            else
            {
                console.Moving($"epoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.Steps}  loss {value.Loss:F3}  top-1 {value.Accuracy:F3}  {value.ImagesPerSecond:F0} images/s  {value.Remaining:d\\.hh\\:mm\\:ss} left");
            }
        }),
        console.Pictures("statistics"));

    private static void Print(Output console, string run, TrainingOutcome outcome)
    {
        TrainingResult result = outcome.Result;
        console.Line($"steps: {result.Steps - result.FirstStep} in this session, {result.Steps} in all{(result.StoppedEarly ? ", stopped early: nothing better came" : "")}");
        if (result.SkippedImages > 0)
        {
            console.Line($"left out: {result.SkippedImages} broken pictures, {Path.Combine(run, "skipped.txt")} lists them");
        }

        double guessing = Math.Log(outcome.Run.Classes.Count);
        if (result.Epochs is [_, _, .., { } last] && last.TrainingLoss > 0.98 * guessing)
        {
            console.Line($"note: the loss of training is no better than guessing (ln {outcome.Run.Classes.Count} = {guessing:F3}): try a lower --learning-rate than {outcome.Run.Training.LearningRate}, or another --seed");
        }

        if (result.Best is { } best)
        {
            console.Line($"best: top-1 {best.Accuracy:F4} after epoch {best.Epoch}, {Path.Combine(run, "best.safetensors")}");
        }

        console.Line($"weights: {Path.Combine(run, "weights.safetensors")}");
        console.Line($"report: {Path.Combine(run, "report.html")}");
        console.Result(new
        {
            Run = run,
            outcome.Parameters,
            result.Steps,
            ResumedAt = result.FirstStep,
            result.StoppedEarly,
            result.SkippedImages,
            Seconds = result.Elapsed.TotalSeconds,
            BestTop1 = result.Best?.Accuracy,
            BestEpoch = result.Best?.Epoch,
            result.Epochs,
        });
    }

    private static Option<bool> Without(string name, Ablation ablation) => new(name) { Description = $"Ablation: {ablation.Meaning}." };
}
