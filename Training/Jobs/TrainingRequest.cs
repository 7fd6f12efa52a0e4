namespace AlexNetMl.Training;

/// <summary>
/// What someone asks for: pictures, a folder for the run, and what departs from the recipe. What is null comes from the recipe; when a run is
/// resumed, from the run.
/// </summary>
public sealed record TrainingRequest
{
    /// <summary>Where the training pictures are: see <see cref="PictureSet.Open(string)"/>; several tar shards, or one of anything. Null when a run is resumed: where they were.</summary>
    public IReadOnlyList<string>? Data { get; init; }

    /// <summary>
    /// The validation pictures: a place like <see cref="Data"/>, a share of the training pictures such as 0.1, a number of them such as 5000, or 0 for
    /// none. Null: a tenth of the training pictures.
    /// </summary>
    public string? Validation { get; init; }

    /// <summary>The training pictures themselves, in place of <see cref="Data"/>; whoever gives them disposes of them.</summary>
    public PictureSet? Pictures { get; init; }

    /// <summary>The validation pictures themselves, in place of <see cref="Validation"/>; whoever gives them disposes of them.</summary>
    public PictureSet? ValidationPictures { get; init; }

    /// <summary>Folder of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Whether to go on with a run that is there. On a folder without one training starts anew.</summary>
    public bool Resume { get; init; }

    /// <summary>Name of a network of <see cref="Networks"/>; null: alexnet.</summary>
    public string? Architecture { get; init; }

    /// <summary>Where networks are looked up by name. Default <see cref="NetworkCatalog.Default"/>.</summary>
    public NetworkCatalog Networks { get; init; } = NetworkCatalog.Default;

    /// <summary>One of the network's <see cref="NetworkDefinition.Recipes"/>; null: default.</summary>
    public string? Recipe { get; init; }

    /// <summary>A recipe as a record, in place of one's name in <see cref="Recipe"/>.</summary>
    public Recipe? OwnRecipe { get; init; }

    /// <summary>What is left out of the recipe.</summary>
    public IReadOnlyList<Ablation> Without { get; init; } = [];

    /// <summary>Factor on the channel counts.</summary>
    public double? Width { get; init; }

    /// <summary>Side of the network's input in pixels.</summary>
    public int? Side { get; init; }

    /// <summary>What pictures' shorter side is resized to; null: the recipe's ratio to <see cref="Side"/>.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Dropout probability.</summary>
    public double? Dropout { get; init; }

    /// <summary>Passes over the training pictures.</summary>
    public int? Epochs { get; init; }

    /// <summary>Step after which training ends; 0 for no such limit.</summary>
    public long MaxSteps { get; init; }

    /// <summary>Pictures in a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Parts that a batch is worked through in.</summary>
    public int? Accumulate { get; init; }

    /// <summary>Learning rate where the schedule's factor is 1.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Label smoothing.</summary>
    public double? LabelSmoothing { get; init; }

    /// <summary>Whether pictures are cropped at random, mirrored and recoloured; false: their centre as it stands.</summary>
    public bool? Augment { get; init; }

    /// <summary>Epochs without a better validation accuracy after which training ends; 0 for never.</summary>
    public int? Patience { get; init; }

    /// <summary>Number format of the passes.</summary>
    public TrainingPrecision? Precision { get; init; }

    /// <summary>Seed of weights, order, crops, flips, colours, dropout and the held-out pictures.</summary>
    public long? Seed { get; init; }

    /// <summary>
    /// A safetensors file to start from, under the network's own names of parameters or torchvision's; layers whose shape differs, such as a classifier for other classes,
    /// start anew.
    /// </summary>
    public string? From { get; init; }

    /// <summary>Whether all layers but the classifier keep the weights they start with, and batch normalizations their statistics.</summary>
    public bool? Freeze { get; init; }

    /// <summary>cpu, cuda:N, or two of them for a network in two halves; null: cpu.</summary>
    public string? Device { get; init; }

    /// <summary>CPU threads, 0 for all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that prepare batches, 0 for a choice by the data.</summary>
    public int? Workers { get; init; }

    /// <summary>What to do with pictures that cannot be decoded.</summary>
    public BrokenImageHandling? OnBrokenImage { get; init; }

    /// <summary>How the run keeps itself.</summary>
    public TrainingRunOptions RunOptions { get; init; } = new();
}
