namespace AlexNetMl.Training;

/// <summary>Size and variant of a <see cref="DenseNet"/>: side at least 32, 8 with the small stem; no dropout unless asked for (section 4.2).</summary>
public sealed record DenseNetOptions : NetworkOptions
{
    /// <summary>The depths of table 1.</summary>
    public static IReadOnlyList<int> Depths { get; } = [121, 169, 201];

    /// <summary>Layers with weights: 121, 169 or 201. Default 121.</summary>
    public int Depth { get; init; } = 121;

    /// <summary>Maps that each layer adds, k in the paper, at width 1; other widths make it a multiple of 4. Default 32.</summary>
    public int Growth { get; init; } = 32;

    /// <summary>The first layers. <see cref="NetworkStem.Small"/> is one 3×3 convolution without pooling, as the paper has it for CIFAR (section 3). Default <see cref="NetworkStem.Auto"/>.</summary>
    public NetworkStem Stem { get; init; }

    internal bool SmallStem => Stem.IsSmall(Side);

    internal long ScaledGrowth => Scaled(Growth, 4);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDefined(Stem);
        if (!Depths.Contains(Depth))
            throw new ArgumentOutOfRangeException(nameof(Depth), $"There is no DenseNet of {Depth} layers: take {string.Join(", ", Depths)}.");
        if (Growth is < 1 or > 512)
            throw new ArgumentOutOfRangeException(nameof(Growth), $"A growth of {Growth} maps a layer is outside 1 to 512: 32 is the paper's.");
        RequireSide(SmallStem ? 8 : 29, "DenseNet's poolings");
    }
}
