using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// x where it is positive, else a trained slope times x; the slopes have any shape that broadcasts with the input's, where torch's PReLU
/// has one or one per channel.
/// </summary>
public sealed class BroadcastPReLU : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    /// <summary>A layer of slopes 0.25.</summary>
    /// <param name="shape">The slopes' shape.</param>
    public BroadcastPReLU(IReadOnlyList<long> shape)
        : base(nameof(BroadcastPReLU))
    {
        ArgumentNullException.ThrowIfNull(shape);
        using Tensor initial = ones([.. shape]);
        _weight = new Parameter(initial.mul(0.25));
        RegisterComponents();
    }

    /// <summary>The slopes.</summary>
    public Parameter Weight => _weight;

    /// <summary>Applies the slopes.</summary>
    /// <param name="input">A tensor that the slopes broadcast with.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor positive = input.clamp_min(0);
        using Tensor negative = input.clamp_max(0);
        using Tensor sloped = negative.mul(_weight);
        return positive.add(sloped);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _weight.Dispose();
        base.Dispose(disposing);
    }
}
