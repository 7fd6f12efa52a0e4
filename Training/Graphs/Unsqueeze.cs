using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Axes of length 1 are put in.</summary>
/// <param name="axes">Where they are in the result.</param>
public sealed class Unsqueeze(params IReadOnlyList<long> axes) : nn.Module<Tensor, Tensor>(nameof(Unsqueeze))
{
    private readonly long[] _axes = [.. axes.Order()];

    /// <summary>Where they are in the result, the first one first.</summary>
    public IReadOnlyList<long> Axes => _axes;

    /// <summary>Puts them in.</summary>
    /// <param name="input">Any tensor.</param>
    /// <returns>A view.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        List<long> shape = [.. input.shape];
        foreach (long axis in _axes)
            shape.Insert((int)axis, 1);
        return input.reshape([.. shape]);
    }
}
