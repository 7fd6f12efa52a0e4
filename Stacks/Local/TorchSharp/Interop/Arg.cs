using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// An argument of an operator. Everything that the API takes converts to it, null to None, so that calling an operator reads like the
/// operator's own signature.
/// </summary>
internal readonly struct Arg
{
    internal readonly Tag Tag;
    internal readonly int Count;
    internal readonly long Bits;

    /// <summary>What the bits stand for or come from; kept alive during the call.</summary>
    internal readonly object Reference;

    private Arg(Tag tag, long bits, object reference = null, int count = 0)
    {
        Tag = tag;
        Bits = bits;
        Reference = reference;
        Count = count;
    }

    /// <summary>The schema's default.</summary>
    internal static Arg Default => default;

    internal static Arg None => new(Tag.None, 0);

    public static implicit operator Arg(Tensor tensor) => tensor is null ? None : new(Tag.Tensor, tensor.Handle, tensor);

    public static implicit operator Arg(long value) => new(Tag.Int, value);

    public static implicit operator Arg(long? value) => value is { } given ? given : None;

    public static implicit operator Arg(double value) => new(Tag.Double, System.BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(double? value) => value is { } given ? given : None;

    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Arg(ScalarType value) => new(Tag.Int, (long)value);

    public static implicit operator Arg(ScalarType? value) => value is { } given ? given : None;

    public static implicit operator Arg(Device value) => value is null ? None : new(Tag.Device, (long)value.type, null, value.index);

    public static implicit operator Arg(string value) => value is null ? None : new(Tag.String, 0, value);

    public static implicit operator Arg(Generator value) => value is null ? None : new(Tag.Generator, value.Handle, value);

    public static implicit operator Arg(long[] values) => values is null ? None : new(Tag.IntList, 0, values, values.Length);

    public static implicit operator Arg(double[] values) => values is null ? None : new(Tag.DoubleList, 0, values, values.Length);

    public static implicit operator Arg(Tensor[] tensors) => tensors is null ? None : new(Tag.TensorList, 0, tensors, tensors.Length);

    public static implicit operator Arg(Scalar scalar) => scalar switch {
        null => None,
        { IsComplex: true } => new(Tag.Complex, 0, scalar),
        _ => new(scalar.Tag, scalar.Bits),
    };

    internal static Arg From(IEnumerable<Tensor> tensors) => tensors as Tensor[] ?? tensors.ToArray();

    /// <summary>A list in which null stands for "not given".</summary>
    internal static Arg Optional(Tensor[] tensors) => new(Tag.OptionalTensorList, 0, tensors, tensors.Length);
}
