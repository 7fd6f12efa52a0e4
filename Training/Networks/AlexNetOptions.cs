namespace AlexNetMl.Training;

/// <summary>How the first convolution reads its picture.</summary>
public enum AlexNetStem
{
    /// <summary><see cref="Paper"/> where the side allows it (63 and more), else <see cref="Small"/>.</summary>
    Auto,

    /// <summary>The paper's 11×11 kernels, stride 4, here with a symmetric pad of 2, which gives its 55×55 maps on 224×224.</summary>
    Paper,

    /// <summary>5×5 kernels, stride 1, pad 2, for pictures that stride 4 would shrink to nothing. Not in the paper.</summary>
    Small,
}

/// <summary>Where the weights of a new network come from.</summary>
public enum AlexNetInitialization
{
    /// <summary>
    /// N(0, 0.01²), biases 1 in conv2, conv4, conv5, fc6 and fc7, 0 elsewhere (section 5). Meant for the full width: in a narrow network
    /// such weights let the signal die out and training starts only after many epochs.
    /// </summary>
    Paper,

    /// <summary>
    /// N(0, 2 / fan-in) and zero biases (He et al., 2015): for narrow networks and short runs. The classifier, fc8, keeps the paper's
    /// N(0, 0.01²): its first predictions are even, and the first steps can be large.
    /// </summary>
    He,
}

/// <summary>Size and variant of an <see cref="AlexNet"/>.</summary>
public sealed record AlexNetOptions
{
    /// <summary>Channels are kept to multiples of this: eight a group, what a vector register of most processors holds.</summary>
    internal const int ChannelStep = 16;

    /// <summary>Number of outputs of fc8. Default 1000.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the square input picture in pixels. Default 224. At least 63 with the paper's stem, 15 with the small one.</summary>
    public int Side { get; init; } = 224;

    /// <summary>
    /// Factor on the channel counts 96-256-384-384-256-4096-4096, in (0, 8]. Default 1. Results are rounded to the nearest multiple of 16
    /// and are never below 16: convolutions of, say, 12 channels a group run several times slower than those of 16.
    /// </summary>
    public double Width { get; init; } = 1;

    /// <summary>Whether conv2, conv4 and conv5 are in two groups, each seeing half the maps below, as in the paper. Default true.</summary>
    public bool Grouped { get; init; } = true;

    /// <summary>The first convolution. Default <see cref="AlexNetStem.Auto"/>.</summary>
    public AlexNetStem Stem { get; init; } = AlexNetStem.Auto;

    /// <summary>Probability that training zeroes an output of fc6 or fc7, in [0, 1). Default 0.5.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>The initial weights. Default <see cref="AlexNetInitialization.Paper"/>.</summary>
    public AlexNetInitialization Initialization { get; init; } = AlexNetInitialization.Paper;

    /// <summary>
    /// Seed of the initial weights. Default 1. The same seed gives the same weights on every machine and torch version; torch's own random
    /// state plays no part.
    /// </summary>
    public long Seed { get; init; } = 1;

    /// <summary>The first convolution after <see cref="AlexNetStem.Auto"/> is decided.</summary>
    public AlexNetStem ResolvedStem => Stem != AlexNetStem.Auto ? Stem : Side >= SmallestSide(AlexNetStem.Paper) ? AlexNetStem.Paper : AlexNetStem.Small;

    /// <summary>The smallest side whose maps survive all three pooling layers: 63 for the paper's stem, 15 for the small one.</summary>
    /// <param name="stem">The stem; <see cref="AlexNetStem.Auto"/> takes the smaller one.</param>
    public static int SmallestSide(AlexNetStem stem) => stem == AlexNetStem.Paper ? 63 : 15;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message gives value, range and remedy.</exception>
    public void Validate()
    {
        if (Classes < 1)
            throw new ArgumentOutOfRangeException(nameof(Classes), $"{Classes} classes: a network needs at least 1.");
        if (!(Width > 0 && Width <= 8))
            throw new ArgumentOutOfRangeException(nameof(Width), $"Width {Width} is outside (0, 8]; 1 is the paper's.");
        if (!(Dropout >= 0 && Dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(Dropout), $"Dropout {Dropout} is outside [0, 1); 0 switches it off.");
        if (!Enum.IsDefined(Stem))
            throw new ArgumentOutOfRangeException(nameof(Stem), $"Stem {Stem} is none of Auto, Paper, Small.");
        if (!Enum.IsDefined(Initialization))
            throw new ArgumentOutOfRangeException(nameof(Initialization), $"Initialization {Initialization} is none of Paper, He.");
        int smallest = SmallestSide(ResolvedStem);
        if (Side < smallest)
        {
            string remedy = ResolvedStem == AlexNetStem.Paper ? $"take pictures of at least {smallest}×{smallest} or AlexNetStem.Small (from {SmallestSide(AlexNetStem.Small)})" : $"take pictures of at least {smallest}×{smallest}";
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is too small for the {ResolvedStem} stem, whose pooling layers need {smallest}: {remedy}.");
        }
        if (Side > 4096)
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is above 4096: resize the pictures.");
    }

    /// <summary>The paper's channel count at this width.</summary>
    internal long Channels(int paper) =>
        Math.Max(ChannelStep, ChannelStep * (long)Math.Round(paper * Width / ChannelStep, MidpointRounding.AwayFromZero));

    /// <summary>Side of conv5's maps after the last pooling layer: 6 on 224×224.</summary>
    internal long FinalSide()
    {
        long side = ResolvedStem == AlexNetStem.Paper ? (Side + 4 - 11) / 4 + 1 : Side;
        for (int pooling = 0; pooling < 3; pooling++)
            side = (side - 3) / 2 + 1;
        return side;
    }
}
