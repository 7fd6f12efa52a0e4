namespace AlexNetMl.Training;

/// <summary>Where the weights of a new <see cref="GoogLeNet"/> come from. Classifiers have N(0, 0.01²), and biases 0.</summary>
public enum GoogLeNetInitialization
{
    /// <summary>
    /// N(0, 1 / fan-in) and biases of 0.2, as Caffe's bvlc_googlenet, the first released training of it; the paper names none. Slow to begin with: each ReLU halves the signal.
    /// Batch-normalized networks, where no signal fades, begin as with <see cref="He"/>.
    /// </summary>
    Paper,

    /// <summary>N(0, 2 / fan-in) (He et al. 2015), biases 0: the signal keeps its size through all layers.</summary>
    He,
}

/// <summary>
/// Size and variant of a <see cref="GoogLeNet"/>: side at least 32, 16 with the small stem; channels are multiples of 8; dropout 0.4 before the classifier
/// (table 1).
/// </summary>
public sealed record GoogLeNetOptions : NetworkOptions
{
    /// <summary>The paper's network.</summary>
    public GoogLeNetOptions() => Dropout = 0.4;

    /// <summary>
    /// Whether this is the batch-normalized network that torchvision has weights for: no biases and no response normalization, its "5×5" branches are 3×3, and the last
    /// pooling is 2×2. Default false, the paper's.
    /// </summary>
    public bool BatchNorm { get; init; }

    /// <summary>Whether two further classifiers train along (section 5). Scoring and export do without them either way. Default true.</summary>
    public bool AuxiliaryHeads { get; init; } = true;

    /// <summary>Factor on each further classifier's loss. Default 0.3 (section 5).</summary>
    public double AuxiliaryWeight { get; init; } = 0.3;

    /// <summary>Dropout in the further classifiers. Default 0.7 (section 5).</summary>
    public double AuxiliaryDropout { get; init; } = 0.7;

    /// <summary>The initial weights. Default <see cref="GoogLeNetInitialization.Paper"/>.</summary>
    public GoogLeNetInitialization Initialization { get; init; }

    /// <summary>The first layers. <see cref="NetworkStem.Small"/> is a 3×3 without stride and pooling instead of the 7×7 and pool1. Default <see cref="NetworkStem.Auto"/>.</summary>
    public NetworkStem Stem { get; init; }

    internal bool SmallStem => Stem.IsSmall(Side);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDefined(Stem);
        RequireDefined(Initialization);
        if (!(AuxiliaryWeight >= 0 && double.IsFinite(AuxiliaryWeight)))
            throw new ArgumentOutOfRangeException(nameof(AuxiliaryWeight), $"A further classifier's loss times {AuxiliaryWeight}: take 0 or more, 0.3 is the paper's.");
        if (!(AuxiliaryDropout >= 0 && AuxiliaryDropout < 1))
            throw new ArgumentOutOfRangeException(nameof(AuxiliaryDropout), $"Dropout {AuxiliaryDropout} is outside [0, 1); 0 switches it off.");
        RequireSide(SmallStem ? 16 : 32, "GoogLeNet's poolings");
    }

    internal long Channels(long paper) => Scaled(paper, 8);
}
