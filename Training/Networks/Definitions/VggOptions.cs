namespace AlexNetMl.Training;

/// <summary>Where the weights of a new <see cref="Vgg"/> come from. Biases are 0.</summary>
public enum VggInitialization
{
    /// <summary>
    /// N(0, 2 / (fan-in + fan-out)), the variance of Glorot and Bengio (2010), which the paper found to need no pre-training (section 3.1). Its first way, deeper
    /// networks that start with layers of a trained shallower one, is <c>--from</c>.
    /// </summary>
    Paper,

    /// <summary>N(0, 2 / fan-in) (He et al. 2015), the last layer N(0, 0.01²): the signal keeps its size through all layers.</summary>
    He,
}

/// <summary>Size and variant of a <see cref="Vgg"/>: side at least 32, 16 with the small stem; channels are multiples of 8; dropout 0.5 on fc6 and fc7.</summary>
public sealed record VggOptions : NetworkOptions
{
    /// <summary>The depths of table 1: configurations A, B, D and E.</summary>
    public static IReadOnlyList<int> Depths { get; } = [11, 13, 16, 19];

    /// <summary>The paper's network.</summary>
    public VggOptions() => Dropout = 0.5;

    /// <summary>Layers with weights: 11, 13, 16 or 19. Default 16.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Whether each convolution is followed by batch normalization (Ioffe and Szegedy 2015), a year younger than the paper. Default false.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>The first block. <see cref="NetworkStem.Small"/> leaves its pooling out. Default <see cref="NetworkStem.Auto"/>.</summary>
    public NetworkStem Stem { get; init; }

    /// <summary>The initial weights. Default <see cref="VggInitialization.Paper"/>.</summary>
    public VggInitialization Initialization { get; init; }

    internal bool SmallStem => Stem.IsSmall(Side);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDefined(Stem);
        RequireDefined(Initialization);
        if (!Depths.Contains(Depth))
            throw new ArgumentOutOfRangeException(nameof(Depth), $"There is no VGG of {Depth} layers: take {string.Join(", ", Depths)}.");
        RequireSide(SmallStem ? 16 : 32, $"VGG's {(SmallStem ? "four" : "five")} poolings");
    }

    internal long Channels(long paper) => Scaled(paper, 8);
}
