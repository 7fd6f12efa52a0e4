using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Functions of one number, under the names that ONNX gives them.</summary>
public enum ElementwiseFunction
{
    /// <summary>|x|.</summary>
    Abs,

    /// <summary>The next whole number from x up.</summary>
    Ceil,

    /// <summary>The error function, 2/√π ∫₀ˣ exp(−t²) dt.</summary>
    Erf,

    /// <summary>eˣ.</summary>
    Exp,

    /// <summary>The next whole number from x down.</summary>
    Floor,

    /// <summary>ln x.</summary>
    Log,

    /// <summary>−x.</summary>
    Neg,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>−1, 0 or 1.</summary>
    Sign,

    /// <summary>ln(1 + eˣ).</summary>
    Softplus,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>√x.</summary>
    Sqrt,
}

/// <summary>A function of every value by itself.</summary>
/// <param name="function">The function.</param>
public sealed class Elementwise(ElementwiseFunction function) : nn.Module<Tensor, Tensor>(nameof(Elementwise))
{
    /// <summary>The function.</summary>
    public ElementwiseFunction Function { get; } = function;

    /// <summary>Applies it.</summary>
    /// <param name="input">Any shape.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Function switch
        {
            ElementwiseFunction.Abs => input.abs(),
            ElementwiseFunction.Ceil => input.ceil(),
            ElementwiseFunction.Erf => input.erf(),
            ElementwiseFunction.Exp => input.exp(),
            ElementwiseFunction.Floor => input.floor(),
            ElementwiseFunction.Log => input.log(),
            ElementwiseFunction.Neg => input.neg(),
            ElementwiseFunction.Reciprocal => input.reciprocal(),
            ElementwiseFunction.Sign => input.sign(),
            ElementwiseFunction.Softplus => input.softplus(),
            ElementwiseFunction.Softsign => Softsign(input),
            ElementwiseFunction.Sqrt => input.sqrt(),
            _ => throw new InvalidOperationException($"{Function} is no function that Elementwise knows."),
        };
    }

    private static Tensor Softsign(Tensor input)
    {
        using Tensor magnitude = input.abs();
        using Tensor divisor = magnitude.add(1);
        return input.div(divisor);
    }
}
