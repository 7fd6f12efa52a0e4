using System.Globalization;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>
/// One axis of a graph's input or output: a fixed length, or a name for a length that is only known when the graph runs
/// (<c>"batch"</c>). Numbers and strings convert by themselves: <c>AddInput("input", Float, "batch", 3, 224, 224)</c>.
/// </summary>
public readonly record struct OnnxDimension
{
    private OnnxDimension(long? length, string? name)
    {
        Length = length;
        Name = name;
    }

    /// <summary>The axis's length, or null for an axis that is only named.</summary>
    public long? Length { get; }

    /// <summary>The dynamic axis's name, or null for a fixed length.</summary>
    public string? Name { get; }

    /// <summary>An axis of fixed length.</summary>
    /// <param name="length">Zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static OnnxDimension Fixed(long length) => length >= 0
        ? new OnnxDimension(length, null)
        : throw new ArgumentOutOfRangeException(
            nameof(length), length, "An axis has a length of zero or more; a length that is not known yet is given by a name.");

    /// <summary>A dynamic axis. Axes of one graph with the same name have the same length when it runs.</summary>
    /// <param name="name">Not empty.</param>
    public static OnnxDimension Dynamic(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new OnnxDimension(null, name);
    }

    /// <summary>A fixed axis, from its length.</summary>
    /// <param name="length">Zero or more.</param>
    public static implicit operator OnnxDimension(long length) => Fixed(length);

    /// <summary>A dynamic axis, from its name.</summary>
    /// <param name="name">Not empty.</param>
    public static implicit operator OnnxDimension(string name) => Dynamic(name);

    /// <summary>The length or the name.</summary>
    public override string ToString() => Name ?? Length?.ToString(CultureInfo.InvariantCulture) ?? "?";

    internal TensorShapeProto.Types.Dimension ToProto()
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (Name is not null)
        {
            proto.DimParam = Name;
        }
        else if (Length is { } length)
        {
            proto.DimValue = length;
        }

        return proto;
    }
}
