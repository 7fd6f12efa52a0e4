namespace AlexNetMl.Training;

/// <summary>
/// Size and variant of an <see cref="AlexNet"/>: side at least 63 with the paper's stem, 15 with the small one; channel counts 96-256-384-384-256-4096-4096 times
/// the width, rounded to multiples of 16, since convolutions of, say, 12 channels a group run several times slower than those of 16; dropout 0.5 on fc6 and fc7
/// (section 4.2). Defaults are the printed paper's; <c>docs/recipes.md</c> says where the released 2012 code departs from it.
/// </summary>
public sealed record AlexNetOptions : NetworkOptions
{
    /// <summary>Channels are kept to multiples of this: eight a group, what a vector register of most processors holds.</summary>
    internal const int ChannelStep = 16;

    /// <summary>Layers that <see cref="RemovedLayer"/> may name: all with weights but the first and the last.</summary>
    public static IReadOnlyList<string> MiddleLayers { get; } = ["conv2", "conv3", "conv4", "conv5", "fc6", "fc7"];

    private const int PaperSmallestSide = 63, SmallSmallestSide = 15;

    /// <summary>The paper's network.</summary>
    public AlexNetOptions() => Dropout = 0.5;

    /// <summary>
    /// Whether conv2, conv4 and conv5 are in two groups, each seeing half the maps below, as in the paper (section 3.2, figure 2). Default true;
    /// without effect on a <see cref="HalfSize"/> network.
    /// </summary>
    public bool Grouped { get; init; } = true;

    /// <summary>
    /// Whether this is the one-GPU network that section 3.2 compares with: half the kernels in conv1 to conv4, conv5 and the fully connected layers as
    /// wide as ever, no groups. Default false.
    /// </summary>
    public bool HalfSize { get; init; }

    /// <summary>The first convolution. Default <see cref="AlexNetStem.Auto"/>.</summary>
    public AlexNetStem Stem { get; init; } = AlexNetStem.Auto;

    /// <summary>Where conv1's windows lie. Default <see cref="AlexNetWindow.Symmetric"/>.</summary>
    public AlexNetWindow Window { get; init; } = AlexNetWindow.Symmetric;

    /// <summary>The order of layers. Default <see cref="AlexNetOrder.Paper"/>.</summary>
    public AlexNetOrder Order { get; init; } = AlexNetOrder.Paper;

    /// <summary>The nonlinearity. Default <see cref="AlexNetActivation.ReLU"/>.</summary>
    public AlexNetActivation Activation { get; init; } = AlexNetActivation.ReLU;

    /// <summary>Whether conv1 and conv2 are followed by local response normalization, n = 5, k = 2, β = 0.75 (section 3.3). Default true.</summary>
    public bool ResponseNorm { get; init; } = true;

    /// <summary>α of that normalization, positive. Default 1e-4.</summary>
    public double ResponseNormAlpha { get; init; } = 1e-4;

    /// <summary>Whether α is divided by n, as the released code and torch do; printed is that it is not. Default false.</summary>
    public bool AlphaDividedByWindow { get; init; }

    /// <summary>Which maps that normalization sums over. Default <see cref="ResponseNormScope.AllChannels"/>.</summary>
    public ResponseNormScope ResponseNormScope { get; init; } = ResponseNormScope.AllChannels;

    /// <summary>
    /// Whether conv2's normalization is followed by another one within each map, over 5×5 positions (<see cref="SpatialResponseNorm"/>), which the
    /// released code calls contrast normalization. Not in the paper. Default false.
    /// </summary>
    public bool ContrastNorm { get; init; }

    /// <summary>Whether pooling windows overlap, 3×3 at stride 2 (section 3.4), or not, 2×2 at stride 2. Default true.</summary>
    public bool OverlappingPooling { get; init; } = true;

    /// <summary>
    /// One layer to leave out with its activation, normalization or dropout, as section 7 tried: conv2, conv3, conv4, conv5, fc6 or fc7. Pooling
    /// stays. Default null, none.
    /// </summary>
    public string? RemovedLayer { get; init; }

    /// <summary>The initial weights. Default <see cref="AlexNetInitialization.Paper"/>.</summary>
    public AlexNetInitialization Initialization { get; init; } = AlexNetInitialization.Paper;

    /// <summary>The first convolution after <see cref="AlexNetStem.Auto"/> is decided.</summary>
    public AlexNetStem ResolvedStem =>
        Stem != AlexNetStem.Auto ? Stem : Side >= PaperSmallestSide + (Window == AlexNetWindow.Ceiling ? 1 : 0) ? AlexNetStem.Paper : AlexNetStem.Small;

    /// <summary>Halves of the network that talk only in conv3, fc6, fc7 and fc8: two, or one where there are no groups.</summary>
    internal int Towers => Grouped && !HalfSize ? 2 : 1;

    /// <summary>The smallest side whose maps survive all three pooling layers: 63 for the paper's stem, 15 for the small one.</summary>
    /// <param name="stem">The stem; <see cref="AlexNetStem.Auto"/> takes the smaller one.</param>
    public static int SmallestSide(AlexNetStem stem) => stem == AlexNetStem.Paper ? PaperSmallestSide : SmallSmallestSide;

    /// <summary>The options as indented JSON; <see cref="FromJson"/> gives equal ones back.</summary>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>Options from JSON. Keys that are absent take their defaults.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote, edited or not.</param>
    /// <exception cref="InvalidDataException">It is not JSON, has an unknown or doubled key, or a value outside its range; the message says which.</exception>
    public static AlexNetOptions FromJson(string json) => OptionsJson.Read<AlexNetOptions>(json, "network's options", options => options.Validate());

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (!(ResponseNormAlpha > 0 && double.IsFinite(ResponseNormAlpha)))
            throw new ArgumentOutOfRangeException(nameof(ResponseNormAlpha), $"An α of {ResponseNormAlpha}: take a positive one, 1e-4 is the paper's; {nameof(ResponseNorm)} = false switches the normalization off.");
        if (RemovedLayer is not null && !MiddleLayers.Contains(RemovedLayer))
            throw new ArgumentOutOfRangeException(nameof(RemovedLayer), $"Layer '{RemovedLayer}' cannot be removed: take one of {string.Join(", ", MiddleLayers)}.");
        RequireDefined(Stem);
        RequireDefined(Window);
        RequireDefined(Order);
        RequireDefined(Activation);
        RequireDefined(ResponseNormScope);
        RequireDefined(Initialization);
        if (FinalSide(Side) < 1)
        {
            int smallest = Enumerable.Range(1, LargestSide).First(side => FinalSide(side) >= 1);
            string remedy = ResolvedStem == AlexNetStem.Paper ? $"take pictures of at least {smallest}×{smallest} or AlexNetStem.Small (from {SmallSmallestSide})" : $"take pictures of at least {smallest}×{smallest}";
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is too small for the {ResolvedStem} stem, whose pooling layers need {smallest}: {remedy}.");
        }
    }

    /// <summary>The paper's channel count at this width.</summary>
    internal long Channels(int paper) =>
        Math.Max(ChannelStep, ChannelStep * (long)Math.Round(paper * Width / ChannelStep, MidpointRounding.AwayFromZero));

    /// <summary>The normalization behind conv1 and conv2 (section 3.3). The layer divides α by n; where the formula does not, α is n times as large.</summary>
    /// <param name="groups">Parts of the channels that have no neighbours in each other.</param>
    internal FusedLocalResponseNorm NewResponseNorm(long groups) => new(size: 5, alpha: AlphaDividedByWindow ? ResponseNormAlpha : 5 * ResponseNormAlpha, beta: 0.75, k: 2, groups);

    /// <summary>Rows of zeros below the picture, and columns to its right, that conv1's last window reads with <see cref="AlexNetWindow.Ceiling"/>.</summary>
    internal long Overhang() => (4 - (Side - 11) % 4) % 4;

    /// <summary>Side of conv5's maps after the last pooling layer: 6 on 224×224.</summary>
    internal long FinalSide() => FinalSide(Side);

    private long FinalSide(int picture)
    {
        long side = ResolvedStem != AlexNetStem.Paper ? picture
            : Window == AlexNetWindow.Symmetric ? Windows(picture + 4, 11, 4)
            : Windows(picture + 3, 11, 4);                                              // ⌈(side − 11) / 4⌉ = ⌊(side + 3 − 11) / 4⌋
        for (int pooling = 0; pooling < 3; pooling++)
            side = Windows(side, OverlappingPooling ? 3 : 2, 2);
        return side;

        static long Windows(long length, long kernel, long stride) => length < kernel ? 0 : (length - kernel) / stride + 1;
    }
}
