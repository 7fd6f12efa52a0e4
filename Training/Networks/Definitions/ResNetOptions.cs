namespace AlexNetMl.Training;

/// <summary>Which convolution of a bottleneck block halves the maps, where the block does.</summary>
public enum BottleneckStride
{
    /// <summary>The 3×3, as torchvision and its published weights have it ("v1.5"): no position is skipped. 4.09 billion multiply-adds in ResNet-50.</summary>
    ThreeByThree,

    /// <summary>The first 1×1, as the paper has it (section 4.1; 3.8 billion).</summary>
    OneByOne,
}

/// <summary>Size and variant of a <see cref="ResNet"/>: side at least 8; channels are multiples of 8; no dropout (section 3.4).</summary>
public sealed record ResNetOptions : NetworkOptions
{
    /// <summary>The depths of table 1, for ImageNet.</summary>
    public static IReadOnlyList<int> Depths { get; } = [18, 34, 50, 101, 152];

    /// <summary>The depths of section 4.2, for CIFAR-10: 6n + 2 layers in three stages of 16, 32 and 64 maps.</summary>
    public static IReadOnlyList<int> SmallDepths { get; } = [20, 32, 44, 56, 110];

    /// <summary>Layers with weights, one of <see cref="Depths"/> or <see cref="SmallDepths"/>. Default 50.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Whether blocks have shortcuts. Without them it is the plain network that the paper compares with (section 3.3). Default true.</summary>
    public bool Shortcuts { get; init; } = true;

    /// <summary>Where bottleneck blocks halve their maps. Default <see cref="BottleneckStride.ThreeByThree"/>.</summary>
    public BottleneckStride Stride { get; init; }

    /// <summary>
    /// The first layers. <see cref="NetworkStem.Small"/> is one 3×3 convolution without pooling, as section 4.2 has it for CIFAR-10; the networks of
    /// <see cref="SmallDepths"/> always begin so. Default <see cref="NetworkStem.Auto"/>.
    /// </summary>
    public NetworkStem Stem { get; init; }

    internal bool IsSmallKind => SmallDepths.Contains(Depth);

    internal bool SmallStem => IsSmallKind || Stem.IsSmall(Side);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDefined(Stem);
        RequireDefined(Stride);
        if (!Depths.Contains(Depth) && !SmallDepths.Contains(Depth))
            throw new ArgumentOutOfRangeException(nameof(Depth), $"There is no ResNet of {Depth} layers: take {string.Join(", ", Depths)}, or {string.Join(", ", SmallDepths)} for small pictures.");
        if (Dropout != 0)
            throw new ArgumentOutOfRangeException(nameof(Dropout), $"Dropout {Dropout} for a ResNet, which has none (section 3.4): leave it out.");
        RequireSide(8, "a ResNet");
    }

    internal long Channels(long paper) => Scaled(paper, 8);
}
