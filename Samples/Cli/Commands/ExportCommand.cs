using System.CommandLine;
using AlexNetMl.Deployment;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml export: a run, or weights, as an ONNX file that has been compared with torch layer by layer.</summary>
internal static class ExportCommand
{
    private static readonly Option<string> Run = new("--run") { Description = "A run's folder: its best weights, else its last.", HelpName = "RUN" };
    private static readonly Option<string> Weights = new("--weights") { Description = "Weights alone, with --arch, --classes and what else the network needs.", HelpName = "w.safetensors" };
    private static readonly Option<string> Architecture = new("--arch") { Description = "With --weights: the network they are of (alexnetml networks lists them). Default: alexnet.", DefaultValueFactory = _ => "alexnet", HelpName = "NAME" };
    private static readonly Option<int?> Classes = new("--classes") { Description = "With --weights: number of outputs.", HelpName = "N" };
    private static readonly Option<double> Width = new("--width") { Description = "With --weights: factor on the channel counts.", DefaultValueFactory = _ => 1, HelpName = "W" };
    private static readonly Option<int> Side = new("--side") { Description = "With --weights: side of the network's input in pixels.", DefaultValueFactory = _ => 224, HelpName = "S" };
    private static readonly Option<string> Labels = new("--labels") { Description = "One label a line, in the order of the outputs. Default: the run's classes.", HelpName = "labels.txt" };
    private static readonly Option<string> Preprocessing = new("--preprocessing") { Description = "With --weights: how a picture becomes a tensor, as runs and Hugging Face models keep it.", HelpName = "preprocessor_config.json" };
    private static readonly Option<string> Out = new("--out") { Description = "An .onnx file, or a folder for model.onnx, labels.txt, preprocessor_config.json and a model card.", Required = true, HelpName = "model.onnx|DIR" };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace files that are there." };
    private static readonly Option<int> Opset = new("--opset") { Description = $"ONNX operator set, {OnnxGraphBuilder.MinOpset} to {OnnxGraphBuilder.MaxOpset}.", DefaultValueFactory = _ => OnnxGraphBuilder.DefaultOpset, HelpName = "N" };
    private static readonly Option<bool> Logits = new("--logits") { Description = "The values in front of the softmax are an output too, Logits." };
    private static readonly Option<string[]> Features = new("--features") { Description = "Layers whose results are outputs too: fc7, relu7, pool5.", AllowMultipleArgumentsPerToken = true, HelpName = "L" };
    private static readonly Option<bool> LrnNode = new("--lrn-node") { Description = "Write local response normalisation as ONNX's LRN operator: fewer nodes, slower on CPUs." };
    private static readonly Option<bool> FoldBatchNorm = new("--fold-batch-norm") { Description = "Multiply batch normalisations into the convolutions before them." };
    private static readonly Option<bool> Half = new("--fp16") { Description = "Weights in half precision: half the bytes, computed with in float32." };
    private static readonly Option<bool> EightBits = new("--int8") { Description = "Convolutions and products in eight bits (QDQ), ranges from the pictures of --calibrate." };
    private static readonly Option<string[]> Calibrate = new("--calibrate") { Description = $"With --int8: pictures like those that the network will see, as for train --data; {CalibrationPictures.Most} of them, spread evenly, are looked at.", AllowMultipleArgumentsPerToken = true, HelpName = "DIR" };
    private static readonly Option<bool> Bytes = new("--uint8-input") { Description = "Normalisation and layout inside the graph: the input is the resized picture's centre window, uint8 [batch, side, side, 3]." };
    private static readonly Option<bool> TenCrop = new("--ten-crop") { Description = "The mean over ten windows inside the graph (paper, section 4.1): the input is the resized picture's centre square, uint8." };
    private static readonly Option<string[]> Evaluate = new("--evaluate") { Description = "Labelled pictures, as for train --data: accuracy and rate of the file are measured on them and stand in the model card.", AllowMultipleArgumentsPerToken = true, HelpName = "DIR" };
    private static readonly Option<string> Author = new("--author") { Description = "Goes into the file's metadata and the model card.", HelpName = "TEXT" };
    private static readonly Option<string> Licence = new("--licence") { Description = "Goes into the file's metadata and the model card.", HelpName = "TEXT" };
    private static readonly Option<double> Tolerance = new("--tolerance") { Description = "How far a tensor may differ from torch's, relative to its largest magnitude.", DefaultValueFactory = _ => 1e-5, HelpName = "X" };
    private static readonly Option<int> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("export", "Writes a run's network as an ONNX file, compared with torch layer by layer before it gets its name.")
        {
            Run, Weights, Architecture, Classes, Width, Side, Labels, Preprocessing, Out, Overwrite, Opset, Logits, Features, LrnNode, FoldBatchNorm, Half, EightBits, Calibrate, Bytes, TenCrop, Evaluate, Author, Licence, Tolerance, Threads, Json,
        };
        command.Runs(Export);
        return command;
    }

    private static void Export(ParseResult parsed, CancellationToken cancellation)
    {
        var console = new Output(parsed.GetValue(Json));
        string target = parsed.GetRequiredValue(Out);
        bool single = target.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        RequireTarget(target, single, parsed.GetValue(Overwrite));
        if (parsed.GetValue(Threads) is > 0 and var threads)
        {
            set_num_threads(threads);
        }

        using ExportSource source = Source(parsed);
        OnnxExportOptions options = source.Options with
        {
            Opset = parsed.GetValue(Opset),
            Logits = parsed.GetValue(Logits),
            Features = parsed.GetValue(Features) ?? [],
            LrnNode = parsed.GetValue(LrnNode),
            FoldBatchNorm = parsed.GetValue(FoldBatchNorm),
            Tolerance = parsed.GetValue(Tolerance),
            Author = parsed.GetValue(Author),
            Licence = parsed.GetValue(Licence),
        };
        UsageException.Check(options.Validate);
        OnnxPrecision precision = Precision(parsed);
        using PictureSetHandle? pictures = parsed.GetValue(Evaluate) is { Length: > 0 } places ? new PictureSetHandle(places, options.Labels) : null;
        using CalibrationPictures? calibration = precision == OnnxPrecision.Int8 ? CalibrationPictures.Open(parsed.GetValue(Calibrate)!) : null;
        var variant = new VariantExport(
            new DeploymentOptions
            {
                InputForm = parsed.GetValue(TenCrop) ? OnnxInputForm.TenCrop : parsed.GetValue(Bytes) ? OnnxInputForm.Window : OnnxInputForm.Tensor,
                Precision = precision,
                Calibration = calibration?.Images(console),
                GoldenRows = -1, // the exporter makes them of what becomes the file
            },
            calibration?.Images(console) ?? pictures?.Sample(),
            parsed.GetValue(Threads),
            file => pictures?.Evaluate(file, parsed.GetValue(Threads), console, cancellation),
            cancellation);
        Action<string>? finish = variant.ChangesNothing ? null : variant.Make;
        OnnxExportReport report = single
            ? OnnxExporter.Export(source.Network, target, options, finish, cancellation)
            : OnnxModelFolder.Write(target, source.Network, options, finish, cancellation);
        EvaluationResult? accuracy = pictures?.Evaluate(report.Path, parsed.GetValue(Threads), console, cancellation);
        if (!single)
        {
            WriteCard(parsed, source, options, variant, report, accuracy);
        }

        Print(console, source, report, variant, accuracy);
    }

    // A README.md of somebody's own would be lost, and a name such as model.txt become a folder.
    private static void RequireTarget(string target, bool single, bool overwrite)
    {
        string[] there = [.. (single ? [target] : OnnxModelFolder.Files.Select(name => Path.Combine(target, name))).Where(File.Exists)];
        if (there.Length > 0 && !overwrite)
        {
            throw new UsageException($"--out {target}: {string.Join(", ", there.Select(path => $"'{path}'"))} {(there.Length > 1 ? "are" : "is")} there already; give another name, or --overwrite.");
        }

        if (!single && !Directory.Exists(target) && Path.GetExtension(target) is { Length: > 1 } extension && extension[1..].All(char.IsAsciiLetter))
        {
            throw new UsageException($"--out {target}: a file's name ends in .onnx; without an extension it is a folder.");
        }
    }

    private static OnnxPrecision Precision(ParseResult parsed)
    {
        bool calibrated = parsed.GetValue(Calibrate) is { Length: > 0 };
        return (parsed.GetValue(Half), parsed.GetValue(EightBits)) switch
        {
            (true, true) => throw new UsageException("--fp16 and --int8 exclude each other: export twice for both files."),
            (_, true) when !calibrated => throw new UsageException("--int8 needs --calibrate, pictures like those that the network will see: the ranges of its activations are taken from them."),
            (_, false) when calibrated => throw new UsageException("--calibrate goes with --int8."),
            (var half, var eight) => eight ? OnnxPrecision.Int8 : half ? OnnxPrecision.Float16 : OnnxPrecision.Float32,
        };
    }

    private static ExportSource Source(ParseResult parsed) => (parsed.GetValue(Run), parsed.GetValue(Weights)) switch
    {
        ({ } run, null) => ExportSource.OfRun(run, parsed.GetValue(Labels)),
        (null, { } weights) => ExportSource.OfWeights(
            weights,
            parsed.GetRequiredValue(Architecture),
            network => network with
            {
                Classes = parsed.GetValue(Classes) ?? throw new UsageException("--weights needs --classes, the number of the network's outputs."),
                Width = parsed.GetValue(Width),
                Side = parsed.GetValue(Side),
            },
            parsed.GetValue(Labels),
            parsed.GetValue(Preprocessing)),
        _ => throw new UsageException("Give either --run, a run's folder, or --weights, a safetensors file."),
    };

    private static void WriteCard(ParseResult parsed, ExportSource source, OnnxExportOptions options, VariantExport variant, OnnxExportReport report, EvaluationResult? accuracy)
    {
        string folder = Path.GetDirectoryName(report.Path)!;
        ModelCard card = ModelCard.Of(Path.GetFileName(folder), source.Network, options, report, source.Run, variant.Options.InputForm, variant.Options.Precision);
        if (accuracy is not null)
        {
            card.Add(string.Join(", ", parsed.GetValue(Evaluate)!.Select(Path.GetFileName)), accuracy);
        }

        foreach ((string what, string text) in variant.Describe(accuracy))
        {
            card.Add(what, text);
        }

        card.Add("author", options.Author).Add("licence", options.Licence);
        OnnxModelFolder.WriteCard(folder, card);
    }

    private static void Print(Output console, ExportSource source, OnnxExportReport report, VariantExport variant, EvaluationResult? accuracy)
    {
        OnnxVerification verification = report.Verification;
        console.Line($"weights: {source.Weights}");
        console.Line($"written: {report.Path}, {report.Bytes / 1e6:F2} MB, {report.Writing.TotalSeconds:F2} s");
        console.Line($"verified: {verification.Tensors.Count} tensors against torch in {report.Verifying.TotalSeconds:F2} s, worst relative difference {verification.WorstRelativeDifference:0.0e+0}");
        if (accuracy is not null)
        {
            console.Line($"top-1: {accuracy.Top1:F4}");
            console.Line($"top-5: {accuracy.Top5:F4}");
        }

        foreach ((string what, string text) in variant.Describe(accuracy))
        {
            console.Line($"{what}: {text}");
        }

        console.Result(new
        {
            report.Path,
            source.Weights,
            report.Bytes,
            WritingSeconds = report.Writing.TotalSeconds,
            VerifyingSeconds = report.Verifying.TotalSeconds,
            verification.WorstRelativeDifference,
            Tensors = verification.Tensors.Select(tensor => new { tensor.Name, tensor.LargestMagnitude, tensor.RelativeDifference }),
            accuracy?.Top1,
            accuracy?.Top5,
            Float32Top1 = variant.Accuracy?.Top1,
            variant.Comparison?.Rate,
            Float32Rate = variant.Comparison?.SourceRate,
            Float32Bytes = variant.Comparison?.SourceBytes,
            ComparedPictures = variant.Comparison?.Pictures,
            variant.Comparison?.SameFirst,
        });
    }

    // Opened before the export, so that a wrong folder is said at once.
    private sealed class PictureSetHandle : IDisposable
    {
        private readonly PictureSet _pictures;

        public PictureSetHandle(string[] places, IReadOnlyList<string> labels)
        {
            _pictures = PictureSet.Open(places);
            PictureSet.RequireSameClasses(labels, _pictures);
        }

        public EvaluationResult Evaluate(string model, int threads, Output console, CancellationToken cancellation)
        {
            using OnnxImageNetwork network = OnnxImageNetwork.Load(model, new OnnxImageScorerOptions { RuntimeThreads = threads });
            return OnnxEvaluation.Run(network, _pictures, EvaluationCrops.Center, new TrainerOptions { BatchSize = 64, Threads = threads }, console.Share("evaluate"), cancellation);
        }

        // For comparing two files picture by picture; without labels.
        public IEnumerable<RgbImage> Sample() => CalibrationPictures.Spread(_pictures);

        public void Dispose() => (_pictures as IDisposable)?.Dispose();
    }
}
