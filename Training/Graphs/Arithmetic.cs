using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Operations on two tensors; shapes broadcast as torch broadcasts them.</summary>
public enum Arithmetic
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a − b.</summary>
    Subtract,

    /// <summary>a · b, value by value.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>a to the power of b.</summary>
    Power,

    /// <summary>The larger of a and b.</summary>
    Maximum,

    /// <summary>The smaller of a and b.</summary>
    Minimum,

    /// <summary>The matrix product over the last two axes.</summary>
    MatrixProduct,
}

internal static class ArithmeticOperations
{
    public static Tensor Apply(this Arithmetic operation, Tensor a, Tensor b) => operation switch
    {
        Arithmetic.Add => a.add(b),
        Arithmetic.Subtract => a.sub(b),
        Arithmetic.Multiply => a.mul(b),
        Arithmetic.Divide => a.div(b),
        Arithmetic.Power => a.pow(b),
        Arithmetic.Maximum => a.maximum(b),
        Arithmetic.Minimum => a.minimum(b),
        Arithmetic.MatrixProduct => a.matmul(b),
        _ => throw new InvalidOperationException($"{operation} is no operation on two tensors."),
    };
}
