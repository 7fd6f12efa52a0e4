using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Trainers;

/// <summary>
/// Made by <c>mlContext.MulticlassClassification.Trainers.AlexNet</c> and <c>Network</c>. <see cref="Fit"/> trains a network with torch on the pictures of a data
/// view, exports it as ONNX, compares the file with torch layer by layer, and returns the scorer that runs it in batches.
/// </summary>
public sealed class NetworkTrainingEstimator : IEstimator<NetworkTransformer>
{
    internal const string ImageRemedy = "It is to hold the picture of each row; name such a column as ImageColumnName.";

    private readonly MLContext? _context;
    private readonly IHost? _host;
    private int _fits;

    internal NetworkTrainingEstimator(string architecture, NetworkTrainerOptions options, MLContext? context)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        options.Networks.Get(architecture);
        (Architecture, Options, _context) = (architecture, options, context);
        IHostEnvironment? environment = context;
        _host = environment?.Register("NetworkTrainer");
    }

    /// <summary>Name of the network.</summary>
    public string Architecture { get; }

    /// <summary>How it is trained.</summary>
    public NetworkTrainerOptions Options { get; }

    /// <summary>Trains. Every row with a label is read once; the pictures are decoded as training needs them.</summary>
    /// <param name="input">The data, with the columns of pictures and of labels.</param>
    /// <returns>The scorer of the trained network. It owns it: dispose it, or the chain it stands in, when its data views are no longer read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, no labels, one class only; the folder of a run or a model is taken; the device is not there.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="InvalidDataException">None can be decoded.</exception>
    /// <exception cref="IOException">A picture cannot be read, or a folder cannot be written.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or every validation score, became NaN or infinite.</exception>
    /// <exception cref="OnnxExportException">The model's files cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><see cref="NetworkTrainerOptions.CancellationToken"/> asked for it.</exception>
    public NetworkTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        PictureColumn.Find(input.Schema, Options.ImageColumnName, nameof(input), ImageRemedy);
        IReadOnlyList<string> classes = LabelColumn.Classes(LabelColumn.Find(input.Schema, Options.LabelColumnName, nameof(input)));
        if (Interlocked.Increment(ref _fits) > 1 && Options.OutputFolder is { } taken)
        {
            throw new InvalidOperationException(
                $"This estimator has put a model into '{taken}' already, which a transformer may still score with: leave {nameof(Options.OutputFolder)} null where Fit is called several times, as cross-validation does.");
        }

        using var log = new FitLog(_host, Options.Progress);
        using var workspace = new OwnedFolder(_context?.TempFilePath ?? Path.GetTempPath());
        TrainingOutcome outcome = Train(input, classes, workspace, Options.RunFolder ?? Path.Combine(workspace.Path, "run"), log, out string run);
        OwnedFolder? owned = Options.OutputFolder is null ? new OwnedFolder(_context?.TempFilePath ?? Path.GetTempPath()) : null;
        try
        {
            string folder = Options.OutputFolder ?? owned!.Path;
            Export(run, folder, log);
            return new NetworkTransformer(Scorer(folder).Fit(input), outcome, folder, owned);
        }
        catch
        {
            owned?.Dispose();
            throw;
        }
    }

    /// <summary>The columns that <see cref="Fit"/>'s transformer will add, by name and kind.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelColumn.Check(inputSchema, Options.LabelColumnName, nameof(inputSchema));
        PictureColumn.Check(inputSchema, Options.ImageColumnName, nameof(inputSchema), ImageRemedy);
        return Scorer(string.Empty).GetOutputSchema(inputSchema);
    }

    // A catalog of trainers leads to no catalog of transforms; where no context is given any will do, since it only makes objects. The model is read by the scorer's Fit.
    private OnnxImageScoringEstimator Scorer(string folder) =>
        new((_context ?? new MLContext()).Transforms, folder, Options.ImageColumnName, Options.Scoring, _context);

    private TrainingOutcome Train(IDataView input, IReadOnlyList<string> classes, OwnedFolder workspace, string runFolder, FitLog log, out string run)
    {
        run = runFolder;
        using RowPictures training = Read(input, classes, workspace, "training data", log);
        using RowPictures? validation = Options.ValidationSet is { } set ? Read(set, classes, workspace, "validation set", log) : null;
        RequireTwoClasses(training.Pictures);
        try
        {
            return TrainingJob.Run(Request(training.Pictures, validation?.Pictures, runFolder, log), new TrainingListeners(log.Notice, log), Options.CancellationToken);
        }
        catch (RunExistsException error) when (TrainingRun.Exists(runFolder))
        {
            throw new InvalidOperationException($"'{runFolder}' holds a run already: set {nameof(Options.Resume)} to go on with it, or name another {nameof(Options.RunFolder)}.", error);
        }
    }

    private RowPictures Read(IDataView data, IReadOnlyList<string> classes, OwnedFolder workspace, string what, FitLog log)
    {
        RowPictures read = RowPictures.Read(data, Options, classes, workspace.Path, what);
        if (read.WithoutClass > 0)
            log.Notice($"warning: {read.WithoutClass} of {read.Rows} rows of the {what} are left out: their label is missing or no class of the network");
        if (read.WithoutPicture > 0)
            log.Notice($"warning: {read.WithoutPicture} of {read.Rows} rows of the {what} are left out: they hold no picture");
        return read;
    }

    private void RequireTwoClasses(PictureSet pictures)
    {
        int first = pictures.Label(0);
        if (Enumerable.Range(1, pictures.Count - 1).All(index => pictures.Label(index) == first))
            throw new InvalidOperationException($"All {pictures.Count} rows with a label have '{pictures.Classes[first]}' in '{Options.LabelColumnName}': telling pictures apart takes at least 2 classes.");
    }

    private TrainingRequest Request(PictureSet pictures, PictureSet? validation, string run, FitLog log) => new()
    {
        Pictures = pictures,
        ValidationPictures = validation,
        Validation = validation is null ? Options.ValidationFraction.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : null,
        Run = run,
        Resume = Options.Resume && TrainingRun.Exists(run),
        Architecture = Architecture,
        Networks = Options.Networks,
        OwnRecipe = Options.Recipe,
        Width = Options.Width,
        Side = Options.Side,
        ShorterSide = Options.ShorterSide,
        Dropout = Options.Dropout,
        Epochs = Options.Epochs,
        MaxSteps = Options.MaxSteps,
        BatchSize = Options.BatchSize,
        Accumulate = Options.Accumulate,
        LearningRate = Options.LearningRate,
        WeightDecay = Options.WeightDecay,
        LabelSmoothing = Options.LabelSmoothing,
        Augment = Options.Augment,
        Patience = Options.Patience,
        Precision = Options.Precision,
        Seed = Options.Seed,
        From = Options.From,
        Freeze = Options.Freeze ? true : null,
        Device = Device(log),
        Threads = Options.Threads,
        Workers = Options.Workers,
        OnBrokenImage = Options.OnBrokenImage,
        RunOptions = Options.RunOptions,
    };

    // ML.NET's own networks take the context's device when none is given at the call; so do ours.
    private string? Device(FitLog log)
    {
        if (Options.Device is not null || _context?.GpuDeviceId is not int device)
            return Options.Device;
        if (!_context.FallbackToCpu || (TorchSharp.torch.cuda.is_available() && device < TorchSharp.torch.cuda.device_count()))
            return $"cuda:{device}";
        log.Notice($"warning: torch has no CUDA device {device} here; the network is trained on the processor, as FallbackToCpu allows");
        return "cpu";
    }

    private void Export(string run, string folder, FitLog log)
    {
        using TrainedNetwork trained = TrainedNetwork.Load(run, Options.Networks);
        var options = new OnnxExportOptions { Preprocessing = trained.Preprocessing, Labels = trained.Run.Classes, Fingerprint = trained.Run.Data.Fingerprint };
        OnnxExportReport report = OnnxModelFolder.Write(folder, trained.Network, options, cancellationToken: Options.CancellationToken);
        OnnxModelFolder.WriteCard(folder, ModelCard.Of(Architecture, trained.Network, options, report, trained.Run));
        log.Notice(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"exported: {report.Path}, {report.Bytes / 1e6:F2} MB, {report.Verification.Tensors.Count} tensors agree with torch within {report.Verification.WorstRelativeDifference:0.0e+0}"));
    }
}
