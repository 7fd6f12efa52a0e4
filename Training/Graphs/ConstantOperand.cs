using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// An operation with a constant: a factor, a mean picture that is subtracted, an exponent. The constant is a buffer, not a parameter: it
/// moves and is saved with the module and is not trained. Training in bfloat16 leaves it in float32; each pass rounds it to its input's number format.
/// </summary>
public sealed class ConstantOperand : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "constant")]
    private Tensor _constant;

    /// <summary>Takes the constant over.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="constant">Its second operand, of a shape that broadcasts with the input's.</param>
    /// <param name="constantFirst">Whether the constant is the first operand instead: 1 − x.</param>
    public ConstantOperand(Arithmetic operation, Tensor constant, bool constantFirst = false)
        : base(nameof(ConstantOperand))
    {
        ArgumentNullException.ThrowIfNull(constant);
        Operation = operation;
        ConstantFirst = constantFirst;
        _constant = constant.DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>The operation.</summary>
    public Arithmetic Operation { get; }

    /// <summary>Whether the constant is the first operand.</summary>
    public bool ConstantFirst { get; }

    /// <summary>The constant.</summary>
    public Tensor Constant => _constant;

    /// <summary>Applies the operation.</summary>
    /// <param name="input">A tensor of a shape that broadcasts with the constant's.</param>
    /// <returns>A tensor of their common shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor? rounded = input.dtype == ScalarType.BFloat16 && _constant.dtype == ScalarType.Float32 ? _constant.to(input.dtype) : null;
        Tensor constant = rounded ?? _constant;
        return ConstantFirst ? Operation.Apply(constant, input) : Operation.Apply(input, constant);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _constant.Dispose();
        base.Dispose(disposing);
    }
}
