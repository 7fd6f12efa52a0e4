using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>The same values, in the same order, in another shape.</summary>
public sealed class Reshape : nn.Module<Tensor, Tensor>
{
    private readonly long[] _shape;

    /// <summary>A new shape.</summary>
    /// <param name="shape">Lengths of the axes: 0 for the input's own length of the axis, at most one −1 for what is left.</param>
    /// <exception cref="ArgumentException">There are two −1, or a number below.</exception>
    public Reshape(params IReadOnlyList<long> shape)
        : base(nameof(Reshape))
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Count(length => length == -1) > 1 || shape.Any(length => length < -1))
            throw new ArgumentException($"[{string.Join(", ", shape)}] is no shape: lengths are 0 or more, one of them may be -1.", nameof(shape));
        _shape = [.. shape];
    }

    /// <summary>Lengths of the axes: 0 for the input's own, −1 for what is left.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Reshapes.</summary>
    /// <param name="input">A tensor of as many values.</param>
    /// <returns>A view where torch can give one.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        long[] own = input.shape;
        return input.reshape([.. _shape.Select((length, axis) => length == 0 && axis < own.Length ? own[axis] : length)]);
    }
}
