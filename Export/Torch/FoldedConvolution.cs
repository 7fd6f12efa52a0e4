using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// A convolution and the batch normalisation behind it, exported as one convolution: with scale s = γ / √(variance + ε) of every channel,
/// weights s·w and bias s·(b − mean) + β (Ioffe and Szegedy 2015, section 3.1). The modules stay their network's.
/// </summary>
internal sealed class FoldedConvolution(Convolution convolution, BatchNorm norm) : nn.Module<Tensor, Tensor>(nameof(FoldedConvolution))
{
    public Convolution Convolution => convolution;

    public override Tensor forward(Tensor input)
    {
        using Tensor raw = convolution.call(input);
        return norm.call(raw);
    }

    /// <summary>Weights and bias, computed in float64. They belong to the caller's scope.</summary>
    public (Tensor Weight, Tensor Bias) Fold()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor variance = norm.running_var!.to(ScalarType.Float64);
        Tensor scale = variance.add(norm.eps).rsqrt();
        if (norm.affine)
            scale = scale.mul(norm.weight!.to(ScalarType.Float64));
        Tensor bias = norm.running_mean!.to(ScalarType.Float64).neg();
        if (convolution.bias is { } own)
            bias = bias.add(own.to(ScalarType.Float64));
        bias = bias.mul(scale);
        if (norm.affine && norm.bias is { } shift)
            bias = bias.add(shift.to(ScalarType.Float64));
        long[] perChannel = [-1, .. Enumerable.Repeat(1L, (int)convolution.weight.ndim - 1)];
        Tensor weight = convolution.weight.to(ScalarType.Float64).mul(scale.reshape(perChannel));
        return (weight.to(ScalarType.Float32).MoveToOuterDisposeScope(), bias.to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>Whether the two can become one.</summary>
    public static bool Fits(nn.Module first, nn.Module second)
        => first is Convolution { padding_mode: PaddingModes.Zeros } and (Conv1d or Conv2d or Conv3d) && second is BatchNorm { running_mean: not null, running_var: not null };
}
