using AlexNetMl.Scoring;
using AlexNetMl.Training;
using Microsoft.ML;

namespace AlexNetMl.Trainers;

/// <summary>How a network is trained as an ML.NET estimator. What is null comes from the recipe; when a run is resumed, from the run.</summary>
public sealed record NetworkTrainerOptions
{
    internal const string DefaultLabelColumn = "Label", DefaultImageColumn = "ImagePath";

    /// <summary>
    /// The label: a key column, as <c>MapValueToKey</c> makes it. Its key values, in key order, become the model's labels. Rows whose key is missing
    /// are left out and counted in the log. Default <c>Label</c>.
    /// </summary>
    public string LabelColumnName { get; init; } = DefaultLabelColumn;

    /// <summary>
    /// The pictures: a text column of paths (JPEG or PNG), a column of such files' bytes, or a column of images (<c>MLImage</c>). Paths are the lightest: bytes and pixels (three bytes
    /// each) of all rows wait in a file in the context's temporary folder while <c>Fit</c> runs. Default <c>ImagePath</c>.
    /// </summary>
    public string ImageColumnName { get; init; } = DefaultImageColumn;

    /// <summary>Where networks are looked up by name. Default <see cref="NetworkCatalog.Default"/>.</summary>
    public NetworkCatalog Networks { get; init; } = NetworkCatalog.Default;

    /// <summary>
    /// Network and training; <see cref="Recipes"/> has AlexNet's, <see cref="NetworkDefinition.Recipes"/> another network's. Null, the default: the network's recipe named
    /// default, or the resumed run's own.
    /// </summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Factor on the network's channel counts.</summary>
    public double? Width { get; init; }

    /// <summary>Side of the network's input in pixels.</summary>
    public int? Side { get; init; }

    /// <summary>What pictures' shorter side is resized to; null: the recipe's ratio to <see cref="Side"/>.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Dropout probability.</summary>
    public double? Dropout { get; init; }

    /// <summary>Passes over the training pictures.</summary>
    public int? Epochs { get; init; }

    /// <summary>Step after which training ends, whatever <see cref="Epochs"/> says; 0, the default, for no such limit.</summary>
    public long MaxSteps { get; init; }

    /// <summary>Pictures in a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Parts that a batch is worked through in, so that it fits a small card.</summary>
    public int? Accumulate { get; init; }

    /// <summary>Learning rate where the schedule's factor is 1.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Share of the target probability that is spread over all classes.</summary>
    public double? LabelSmoothing { get; init; }

    /// <summary>Whether pictures are cropped at random, mirrored and recoloured; false: their centre as it stands.</summary>
    public bool? Augment { get; init; }

    /// <summary>Epochs without a better validation accuracy after which training ends; 0 for never.</summary>
    public int? Patience { get; init; }

    /// <summary>Number format of the passes.</summary>
    public TrainingPrecision? Precision { get; init; }

    /// <summary>
    /// Seed of weights, order, crops, flips, colours, dropout and the held-out pictures. On the CPU the same seed, rows, <see cref="Threads"/> and torch
    /// give the same weights, those that <c>alexnetml train</c> gives. Default 1.
    /// </summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Share of the rows, each class in proportion, that is held out to measure on after every epoch, in [0, 1). Default 0.1. Ignored where
    /// <see cref="ValidationSet"/> is given.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// Rows to measure on after every epoch, with the same two columns: in a pipeline they must have gone through the steps before the trainer. Labels are matched by
    /// key value; rows whose label is not one of the training data's are left out and counted in the log. Null, the default: <see cref="ValidationFraction"/>.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// Where to train: <c>cpu</c>, <c>cuda:N</c>, or two of them for a network in two halves. Null, the default: the context's
    /// <see cref="MLContext.GpuDeviceId"/>, else <c>cpu</c>.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>CPU threads, 0, the default, for all cores. A run repeats exactly with the same number.</summary>
    public int Threads { get; init; }

    /// <summary>Threads that prepare batches, 0, the default, for a choice by the data. No effect on results.</summary>
    public int Workers { get; init; }

    /// <summary>What to do with training pictures that cannot be read. Default <see cref="BrokenImageHandling.Stop"/>: an error names the first.</summary>
    public BrokenImageHandling OnBrokenImage { get; init; }

    /// <summary>
    /// A safetensors file to start from, under the network's own names of parameters or torchvision's; layers whose shape differs, such as a classifier for other
    /// classes, start anew. Default: random weights.
    /// </summary>
    public string? From { get; init; }

    /// <summary>Whether all layers but the classifier keep the weights they start with. Default false.</summary>
    public bool Freeze { get; init; }

    /// <summary>
    /// Folder for <c>model.onnx</c>, <c>labels.txt</c>, <c>preprocessor_config.json</c> and a model card. Null, the default: a temporary folder that the
    /// transformer owns and deletes when it is disposed. An estimator fits into a folder once; cross-validation, which fits several times, needs null.
    /// </summary>
    public string? OutputFolder { get; init; }

    /// <summary>
    /// Folder of the run, with checkpoints, metrics and a live report, as <c>alexnetml train</c> keeps it. Null, the default: a temporary folder that is
    /// deleted when <c>Fit</c> ends.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>Whether <c>Fit</c> goes on with the run that is in <see cref="RunFolder"/>; without one there training starts anew. Default false: a run that is there is an error.</summary>
    public bool Resume { get; init; }

    /// <summary>How the run keeps itself.</summary>
    public TrainingRunOptions RunOptions { get; init; } = new();

    /// <summary>How the transformer scores: batch size, threads, what happens to a picture that cannot be read.</summary>
    public OnnxImageScorerOptions Scoring { get; init; } = new();

    /// <summary>Told how training goes, twice a second and after every epoch. Default: nobody. The context's log is told of every epoch in any case.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops <c>Fit</c>, which then throws <see cref="OperationCanceledException"/>; a run in <see cref="RunFolder"/> can be resumed.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks what can be told to be wrong without the data.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(LabelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ImageColumnName);
        ArgumentNullException.ThrowIfNull(Networks);
        ArgumentNullException.ThrowIfNull(RunOptions);
        ArgumentNullException.ThrowIfNull(Scoring);
        RunOptions.Validate();
        Recipe?.Validate();
        if (!(ValidationFraction >= 0 && ValidationFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(ValidationFraction), $"A validation fraction of {ValidationFraction} is outside [0, 1): 0.1 is usual, 0 measures on nothing.");
        if (Resume && RunFolder is null)
            throw new ArgumentException($"{nameof(Resume)} needs {nameof(RunFolder)}, the folder of the run to go on with.", nameof(Resume));
        if (OutputFolder is { } folder && string.IsNullOrWhiteSpace(folder))
            throw new ArgumentException($"{nameof(OutputFolder)} is empty: name a folder, or leave it null for a temporary one.", nameof(OutputFolder));
        if (RunFolder is { } run && string.IsNullOrWhiteSpace(run))
            throw new ArgumentException($"{nameof(RunFolder)} is empty: name a folder, or leave it null for a temporary one.", nameof(RunFolder));
    }
}
