using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// What rounding alone does to a network: it runs once as it is and once with noise of half a unit in the last place of float32 added to every module's
/// result (Monte Carlo arithmetic; Parker 1997). Two runtimes that compute the same network differ by about as much, and a network that makes
/// much of little, such as forty batch normalizations without a shortcut, makes as much of the noise.
/// </summary>
internal static class RoundingNoise
{
    /// <summary>
    /// The noise: uniform within ± this share of the magnitude that a module's rounding is relative to; float32's unit roundoff, half a unit in the last place. Measured
    /// on the catalogue's networks that make much of it (plain32 to plain110), ONNX Runtime and torch differ by 0.2 to 0.3 of what this noise makes.
    /// </summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>How much more than the noise's effect two runtimes may differ by: another processor sums in another order.</summary>
    public const double Margin = 4;

    /// <summary>Runs the network twice.</summary>
    /// <param name="network">The modules, in evaluation mode.</param>
    /// <param name="input">Makes the batch anew.</param>
    /// <param name="cancellationToken">Stops between two modules.</param>
    /// <returns>Every step's effects.</returns>
    public static NoiseEffect[] Measure(NetworkSteps network, Func<Tensor> input, CancellationToken cancellationToken)
    {
        using var generator = new Generator(1);
        using Tensor plainInput = input();
        using Tensor shakenInput = input();
        var lifetimes = new StepLifetimes(network);
        var plain = new Tensor?[network.Steps.Count];
        var shaken = new Tensor?[network.Steps.Count];
        var magnitudes = new double[network.Steps.Count];
        var effects = new NoiseEffect[network.Steps.Count];
        double inputMagnitude = Comparison.Of(plainInput, shakenInput).LargestMagnitude;
        for (int i = 0; i < effects.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ModuleStep step = network.Steps[i];
            plain[i] = step.Run([.. step.Inputs.Select(index => index < 0 ? plainInput : plain[index]!)]);
            Tensor[] shakenInputs = [.. step.Inputs.Select(index => index < 0 ? shakenInput : shaken[index]!)];
            Tensor unshaken = step.Run(shakenInputs);
            double magnitude = magnitudes[i] = Comparison.Of(plain[i]!, unshaken).LargestMagnitude;
            double amount = Unit * step.RoundingScale(step.Inputs.Max(index => index < 0 ? inputMagnitude : magnitudes[index]), magnitude);
            shaken[i] = Shake(unshaken, amount, generator);
            if (!shakenInputs.Contains(unshaken, ReferenceEqualityComparer.Instance))
                unshaken.Dispose();
            effects[i] = new NoiseEffect(Comparison.Of(plain[i]!, shaken[i]!).RelativeDifference, magnitude == 0 ? 0 : amount / magnitude);
            lifetimes.End(plain, tensor => tensor, i);
            lifetimes.End(shaken, tensor => tensor, i);
        }

        return effects;
    }

    private static Tensor Shake(Tensor tensor, double amount, Generator generator)
    {
        using var scope = NewDisposeScope();
        Tensor noise = rand(tensor.shape, generator: generator).mul(2).sub(1).mul(amount).to(tensor.device);
        return tensor.detach().add(noise).MoveToOuterDisposeScope();
    }
}

/// <summary>What noise did to a step's result, relative to its largest magnitude.</summary>
/// <param name="Accumulated">With noise behind every module from the input on.</param>
/// <param name="Own">The largest noise added behind this module.</param>
internal readonly record struct NoiseEffect(double Accumulated, double Own);
