using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Values around a tensor, each side as wide as it likes; a negative width cuts away.</summary>
public sealed class Border : nn.Module<Tensor, Tensor>
{
    private readonly long[] _before;
    private readonly long[] _after;

    /// <summary>A border.</summary>
    /// <param name="before">How wide it is in front, per axis.</param>
    /// <param name="after">How wide it is behind, per axis.</param>
    /// <param name="mode">Constant; Reflect, the values next to the edge mirrored; or Replicate, the value at the edge.</param>
    /// <param name="value">What a constant border holds.</param>
    /// <exception cref="ArgumentException">The two lists differ in length, or the mode is another one.</exception>
    public Border(IReadOnlyList<long> before, IReadOnlyList<long> after, PaddingModes mode = PaddingModes.Constant, double value = 0)
        : base(nameof(Border))
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Count != after.Count)
            throw new ArgumentException($"{before.Count} widths in front and {after.Count} behind were given; there is one of each per axis.", nameof(after));
        if (mode is not (PaddingModes.Constant or PaddingModes.Reflect or PaddingModes.Replicate))
            throw new ArgumentException($"A border is Constant, Reflect or Replicate, not {mode}.", nameof(mode));
        _before = [.. before];
        _after = [.. after];
        Mode = mode;
        Value = value;
    }

    /// <summary>How wide it is in front, per axis.</summary>
    public IReadOnlyList<long> Before => _before;

    /// <summary>How wide it is behind, per axis.</summary>
    public IReadOnlyList<long> After => _after;

    /// <summary>What is in it.</summary>
    public PaddingModes Mode { get; }

    /// <summary>What a constant border holds.</summary>
    public double Value { get; }

    /// <summary>Adds the border.</summary>
    /// <param name="input">A tensor of as many axes; for other modes than Constant, of three or four with none around the first two.</param>
    /// <returns>A larger tensor.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);

        // torch counts from the last axis; its other modes want the axes behind the channels and no others.
        int axes = Mode == PaddingModes.Constant ? _before.Length : _before.Length - 2;
        long[] pairs = [.. Enumerable.Range(1, axes).SelectMany(back => new[] { _before[^back], _after[^back] })];
        return nn.functional.pad(input, pairs, Mode, Value);
    }
}
