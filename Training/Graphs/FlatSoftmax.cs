using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>A softmax over all values from one axis on together, as ONNX's Softmax was before opset 13.</summary>
/// <param name="axis">The first of these axes, 0 or more.</param>
/// <param name="logarithm">Whether the result is the logarithm.</param>
public sealed class FlatSoftmax(long axis, bool logarithm = false) : nn.Module<Tensor, Tensor>(nameof(FlatSoftmax))
{
    /// <summary>The first of the axes.</summary>
    public long Axis { get; } = axis;

    /// <summary>Whether the result is the logarithm.</summary>
    public bool Logarithm { get; } = logarithm;

    /// <summary>Normalizes.</summary>
    /// <param name="input">A tensor with this axis.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor flat = input.flatten(Axis, -1);
        using Tensor result = Logarithm ? flat.log_softmax(-1) : flat.softmax(-1);
        return result.reshape(input.shape);
    }
}
