using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>What every network of the catalogue has: class count, input side, width, dropout and the seed of its initial weights.</summary>
/// <remarks>
/// A family adds its own switches (<see cref="AlexNetOptions"/>, <see cref="VggOptions"/>, <see cref="GoogLeNetOptions"/>, <see cref="ResNetOptions"/>,
/// <see cref="DenseNetOptions"/>); a network of your own takes <see cref="CustomNetworkOptions"/>. In JSON, <c>family</c> tells which it is; without it, AlexNet.
/// </remarks>
[JsonConverter(typeof(NetworkOptionsConverter))]
public abstract record NetworkOptions
{
    /// <summary>The largest side that a network takes.</summary>
    internal const int LargestSide = 4096;

    private protected NetworkOptions()
    {
    }

    /// <summary>Number of outputs. Default 1000.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the square input picture in pixels. Default 224.</summary>
    public int Side { get; init; } = 224;

    /// <summary>Factor on the channel counts, in (0, 8]. Default 1, the paper's. Results are rounded to what convolutions are fast with.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Probability that training zeroes a feature, in [0, 1). Default: the paper's, 0 where it has none.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Seed of the initial weights. Default 1. The same seed gives the same weights on every machine and torch version; torch's own random
    /// state plays no part.
    /// </summary>
    public long Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message gives value, range and remedy.</exception>
    public virtual void Validate()
    {
        if (Classes < 1)
            throw new ArgumentOutOfRangeException(nameof(Classes), $"{Classes} classes: a network needs at least 1.");
        if (!(Width > 0 && Width <= 8))
            throw new ArgumentOutOfRangeException(nameof(Width), $"Width {Width} is outside (0, 8]; 1 is the paper's.");
        if (!(Dropout >= 0 && Dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(Dropout), $"Dropout {Dropout} is outside [0, 1); 0 switches it off.");
        if (Side > LargestSide)
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is above {LargestSide}: resize the pictures.");
    }

    /// <summary>The paper's channel count at this width: a multiple of <paramref name="step"/>, never below it, and exact at width 1.</summary>
    private protected long Scaled(long paper, long step) =>
        Width == 1 ? paper : Math.Max(step, step * (long)Math.Round(paper * Width / step, MidpointRounding.AwayFromZero));

    private protected void RequireSide(int smallest, string network)
    {
        if (Side < smallest)
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is too small for {network}: take pictures of at least {smallest}×{smallest}.");
    }

    private protected static void RequireDefined<T>(T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(typeof(T).Name, $"{typeof(T).Name} {value} is none of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}

/// <summary>The options of a user's own network in a <see cref="NetworkCatalog"/>; what else it needs, its definition holds.</summary>
public sealed record CustomNetworkOptions : NetworkOptions;

/// <summary>How the first layers of a <see cref="VggOptions">VGG</see>, GoogLeNet, ResNet or DenseNet read their picture.</summary>
public enum NetworkStem
{
    /// <summary><see cref="Paper"/> from 64 pixels on, else <see cref="Small"/>.</summary>
    Auto,

    /// <summary>The paper's, for pictures of about 224×224.</summary>
    Paper,

    /// <summary>Without the first halvings, which would leave nothing of a small picture: 28×28 as in Fashion-MNIST, 32×32 as in CIFAR. Not in the papers.</summary>
    Small,
}

internal static class NetworkStems
{
    private const int SmallestForPaper = 64;

    public static bool IsSmall(this NetworkStem stem, int side) => stem == NetworkStem.Auto ? side < SmallestForPaper : stem == NetworkStem.Small;
}
