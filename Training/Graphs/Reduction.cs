using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>What becomes of the values along the axes that go.</summary>
public enum ReductionKind
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The smallest.</summary>
    Min,
}

/// <summary>One value for all along some axes: a mean over the positions of a map, for example.</summary>
public sealed class Reduction : nn.Module<Tensor, Tensor>
{
    private readonly long[] _axes;

    /// <summary>A reduction.</summary>
    /// <param name="kind">What becomes of the values.</param>
    /// <param name="axes">The axes, each 0 or more; not empty.</param>
    /// <param name="keepAxes">Whether they stay, with length 1.</param>
    /// <exception cref="ArgumentException">There are no axes.</exception>
    public Reduction(ReductionKind kind, IReadOnlyList<long> axes, bool keepAxes)
        : base(nameof(Reduction))
    {
        ArgumentNullException.ThrowIfNull(axes);
        if (axes.Count == 0)
            throw new ArgumentException("No axes were given to reduce.", nameof(axes));
        Kind = kind;
        _axes = [.. axes];
        KeepAxes = keepAxes;
    }

    /// <summary>What becomes of the values.</summary>
    public ReductionKind Kind { get; }

    /// <summary>The axes.</summary>
    public IReadOnlyList<long> Axes => _axes;

    /// <summary>Whether they stay, with length 1.</summary>
    public bool KeepAxes { get; }

    /// <summary>Reduces.</summary>
    /// <param name="input">A tensor with these axes.</param>
    /// <returns>A tensor of fewer values.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Kind switch
        {
            ReductionKind.Mean => input.mean(_axes, KeepAxes),
            ReductionKind.Sum => input.sum(_axes, KeepAxes),
            ReductionKind.Max => Kept(input.amax(_axes), input),
            ReductionKind.Min => Kept(input.amin(_axes), input),
            _ => throw new InvalidOperationException($"{Kind} is no reduction."),
        };
    }

    private Tensor Kept(Tensor reduced, Tensor input)
    {
        if (!KeepAxes)
            return reduced;
        using (reduced)
            return reduced.reshape([.. input.shape.Select((length, axis) => _axes.Contains(axis) ? 1 : length)]);
    }
}
