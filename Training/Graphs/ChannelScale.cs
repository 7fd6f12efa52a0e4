using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// A trained factor and, where there is one, a trained offset per channel: what Caffe's Scale layer does behind its batch normalization.
/// </summary>
public sealed class ChannelScale : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

    /// <summary>A layer of factors 1 and offsets 0.</summary>
    /// <param name="channels">How many channels.</param>
    /// <param name="hasBias">Whether there are offsets.</param>
    public ChannelScale(long channels, bool hasBias = true)
        : base(nameof(ChannelScale))
    {
        _weight = new Parameter(ones([channels]));
        _bias = hasBias ? new Parameter(zeros([channels])) : null;
        RegisterComponents();
    }

    /// <summary>Factors [channels].</summary>
    public Parameter Weight => _weight;

    /// <summary>Offsets [channels], or null.</summary>
    public Parameter? Bias => _bias;

    /// <summary>Scales.</summary>
    /// <param name="input">Activations <c>[N, C, …]</c>.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        long[] shape = [_weight.shape[0], .. Enumerable.Repeat(1L, (int)input.dim() - 2)];
        using Tensor factors = _weight.reshape(shape);
        if (_bias is null)
            return input.mul(factors);
        using Tensor scaled = input.mul(factors);
        using Tensor offsets = _bias.reshape(shape);
        return scaled.add(offsets);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weight.Dispose();
            _bias?.Dispose();
        }

        base.Dispose(disposing);
    }
}
