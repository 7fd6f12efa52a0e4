using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using AttributeType = AlexNetMl.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace AlexNetMl.Onnx;

/// <summary>Node attributes, each with the type mark that ONNX wants beside the value.</summary>
public static class OnnxAttribute
{
    /// <summary>An integer, such as a convolution's <c>group</c>.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="value">Its value.</param>
    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    /// <summary>Integers, such as a pooling's <c>kernel_shape</c>.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="values">Their values.</param>
    public static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Capacity = values.Length;
        foreach (long value in values)
        {
            attribute.Ints.Add(value);
        }

        return attribute;
    }

    /// <summary>A number, such as LRN's <c>alpha</c>.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="value">Its value.</param>
    public static AttributeProto Float(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    /// <summary>Numbers.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="values">Their values.</param>
    public static AttributeProto Floats(string name, params ReadOnlySpan<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Floats };
        attribute.Floats.Capacity = values.Length;
        foreach (float value in values)
        {
            attribute.Floats.Add(value);
        }

        return attribute;
    }

    /// <summary>A text, such as <c>auto_pad</c>; stored as UTF-8.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="value">Its value.</param>
    public static AttributeProto String(string name, string value)
        => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>Texts; stored as UTF-8.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="values">Their values.</param>
    public static AttributeProto Strings(string name, params IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    /// <summary>A tensor, such as the <c>value</c> of a Constant node.</summary>
    /// <param name="name">The attribute's name in the operator's specification.</param>
    /// <param name="value">Its value.</param>
    public static AttributeProto Tensor(string name, TensorProto value) => new() { Name = name, Type = AttributeType.Tensor, T = value };
}
