using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Axes of length 1 are left out.</summary>
/// <param name="axes">Which; all of length 1 when the module runs.</param>
public sealed class Squeeze(params IReadOnlyList<long> axes) : nn.Module<Tensor, Tensor>(nameof(Squeeze))
{
    private readonly long[] _axes = [.. axes.OrderDescending()];

    /// <summary>The axes, the last one first.</summary>
    public IReadOnlyList<long> Axes => _axes;

    /// <summary>Leaves them out.</summary>
    /// <param name="input">A tensor with these axes.</param>
    /// <returns>A view.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        List<long> shape = [.. input.shape];
        foreach (long axis in _axes)
        {
            if (shape[(int)axis] != 1)
                throw new ArgumentException($"Axis {axis} of [{string.Join(", ", input.shape)}] is longer than 1 and cannot be left out.", nameof(input));
            shape.RemoveAt((int)axis);
        }

        return input.reshape([.. shape]);
    }
}
