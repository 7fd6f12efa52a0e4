using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Given positions along one axis, in a given order: channels that change places, one feature out of many.</summary>
public sealed class Selection : nn.Module<Tensor, Tensor>
{
    private readonly long[] _indices;

    [ComponentName(Name = "indices")]
    private Tensor _positions;

    /// <summary>Positions.</summary>
    /// <param name="axis">The axis, 0 or more.</param>
    /// <param name="indices">Positions along it; negative ones count from the end.</param>
    /// <param name="shape">The axes that take the axis's place; null for one as long as there are positions, empty for none.</param>
    /// <exception cref="ArgumentException">There are no positions, or not as many as <paramref name="shape"/> says.</exception>
    public Selection(long axis, IReadOnlyList<long> indices, IReadOnlyList<long>? shape = null)
        : base(nameof(Selection))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentNullException.ThrowIfNull(indices);
        Axis = axis;
        _indices = [.. indices];
        Shape = shape is null ? [indices.Count] : [.. shape];
        if (_indices.Length == 0 || Shape.Aggregate(1L, (a, b) => a * b) != _indices.Length)
            throw new ArgumentException($"{_indices.Length} positions were given for the shape [{string.Join(", ", Shape)}].", nameof(indices));
        _positions = tensor(_indices).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>The axis.</summary>
    public long Axis { get; }

    /// <summary>Positions along it.</summary>
    public IReadOnlyList<long> Indices => _indices;

    /// <summary>The axes that take its place.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Selects.</summary>
    /// <param name="input">A tensor with this axis.</param>
    /// <returns>A copy of the positions.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        long[] shape = input.shape;
        using Tensor wrapped = _positions.remainder(shape[Axis]);
        using Tensor selected = input.index_select(Axis, wrapped);
        return selected.reshape([.. shape[..(int)Axis], .. Shape, .. shape[((int)Axis + 1)..]]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions.Dispose();
        base.Dispose(disposing);
    }
}
