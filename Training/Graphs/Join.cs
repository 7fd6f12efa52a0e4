using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>How several tensors become one. Takes two or more; what a sequence of layers cannot say.</summary>
/// <param name="name">The module's name.</param>
public abstract class Join(string name) : nn.Module<IReadOnlyList<Tensor>, Tensor>(name)
{
    private protected static void RequireSeveral(IReadOnlyList<Tensor> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Count < 2)
            throw new ArgumentException($"{input.Count} tensors were given, but joining takes two or more.", nameof(input));
    }

    private protected static Tensor Fold(IReadOnlyList<Tensor> input, Func<Tensor, Tensor, Tensor> join)
    {
        RequireSeveral(input);
        Tensor result = join(input[0], input[1]);
        for (int i = 2; i < input.Count; i++)
        {
            Tensor next = join(result, input[i]);
            result.Dispose();
            result = next;
        }

        return result;
    }
}

/// <summary>The elementwise sum, of a residual block's shortcut and its layers for example (He et al. 2015, equation 1).</summary>
/// <remarks>Shapes are equal, or broadcast as torch broadcasts them: axes of length 1 are repeated.</remarks>
public sealed class Sum() : Join(nameof(Sum))
{
    /// <summary>Adds.</summary>
    /// <param name="input">Two tensors or more.</param>
    /// <returns>A tensor of their common shape.</returns>
    public override Tensor forward(IReadOnlyList<Tensor> input) => Fold(input, static (a, b) => a.add(b));
}

/// <summary>The elementwise product: a gate and what it lets through (squeeze and excitation, Hu et al. 2017, equation 4).</summary>
/// <remarks>Shapes are equal, or broadcast as torch broadcasts them: a gate <c>[N, C, 1, 1]</c> scales whole maps.</remarks>
public sealed class Product() : Join(nameof(Product))
{
    /// <summary>Multiplies.</summary>
    /// <param name="input">Two tensors or more.</param>
    /// <returns>A tensor of their common shape.</returns>
    public override Tensor forward(IReadOnlyList<Tensor> input) => Fold(input, static (a, b) => a.mul(b));
}

/// <summary>One behind the other along an axis, channels by default (GoogLeNet's inception module, DenseNet's dense block).</summary>
public sealed class Concatenation : Join
{
    /// <summary>A concatenation.</summary>
    /// <param name="dim">The axis, 1 for the channels. Not 0: rows of a batch stay apart.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis is 0 or negative.</exception>
    public Concatenation(long dim = 1)
        : base(nameof(Concatenation))
    {
        if (dim < 1)
            throw new ArgumentOutOfRangeException(nameof(dim), dim, "Tensors are joined along an axis behind the batch: take 1 (channels) or more.");
        this.dim = dim;
    }

    /// <summary>The axis.</summary>
    public long dim { get; }

    /// <summary>Concatenates.</summary>
    /// <param name="input">Two tensors or more, equal in all axes but one.</param>
    /// <returns>A tensor as long in that axis as all together.</returns>
    public override Tensor forward(IReadOnlyList<Tensor> input)
    {
        RequireSeveral(input);
        return cat([.. input], dim);
    }
}
