using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>max(0, min(1, alpha · x + beta)): torch's Hardsigmoid, which has 1/6 and 1/2, with any line.</summary>
/// <param name="alpha">The slope.</param>
/// <param name="beta">The value at 0.</param>
public sealed class ScaledHardsigmoid(double alpha, double beta) : nn.Module<Tensor, Tensor>(nameof(ScaledHardsigmoid))
{
    /// <summary>The slope.</summary>
    public double alpha { get; } = alpha;

    /// <summary>The value at 0.</summary>
    public double beta { get; } = beta;

    /// <summary>Applies it.</summary>
    /// <param name="input">Any shape.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor scaled = input.mul(alpha);
        using Tensor line = scaled.add(beta);
        return line.clamp(0, 1);
    }
}
