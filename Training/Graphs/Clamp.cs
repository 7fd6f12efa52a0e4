using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Values below a least and above a most one become these: ReLU6 with other limits.</summary>
/// <param name="least">The least value; null for none.</param>
/// <param name="most">The most; null for none. Where it is below the least one, it wins.</param>
public sealed class Clamp(double? least, double? most) : nn.Module<Tensor, Tensor>(nameof(Clamp))
{
    /// <summary>The least value; null for none.</summary>
    public double? Least { get; } = least;

    /// <summary>The most; null for none.</summary>
    public double? Most { get; } = most;

    /// <summary>Limits.</summary>
    /// <param name="input">Any shape.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (Least, Most) switch
        {
            ({ } low, { } high) => input.clamp(low, high),
            ({ } low, null) => input.clamp_min(low),
            (null, { } high) => input.clamp_max(high),
            _ => input.alias(),
        };
    }
}
