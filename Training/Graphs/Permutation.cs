using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>The axes in another order.</summary>
/// <param name="axes">For each axis of the result, which one of the input's it is.</param>
public sealed class Permutation(params IReadOnlyList<long> axes) : nn.Module<Tensor, Tensor>(nameof(Permutation))
{
    private readonly long[] _axes = [.. axes];

    /// <summary>For each axis of the result, which one of the input's it is.</summary>
    public IReadOnlyList<long> Axes => _axes;

    /// <summary>Reorders.</summary>
    /// <param name="input">A tensor of as many axes.</param>
    /// <returns>A view.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.permute(_axes);
    }
}
