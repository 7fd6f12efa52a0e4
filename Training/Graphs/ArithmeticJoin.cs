using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// An operation on two tensors that the network computes both, or on more, one after the other: (a − b) − c. For sums and products there
/// are <see cref="Sum"/> and <see cref="Product"/>.
/// </summary>
/// <param name="operation">The operation.</param>
public sealed class ArithmeticJoin(Arithmetic operation) : Join(nameof(ArithmeticJoin))
{
    /// <summary>The operation.</summary>
    public Arithmetic Operation { get; } = operation;

    /// <summary>Applies it.</summary>
    /// <param name="input">Two tensors or more.</param>
    /// <returns>A tensor of their common shape; of a matrix product, one of rows of the first and columns of the second.</returns>
    public override Tensor forward(IReadOnlyList<Tensor> input) => Fold(input, (a, b) => Operation.Apply(a, b));
}
