using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>
/// Factors and offsets behind a normalization: they belong to a group or layer normalization that was found before, or they are Caffe's
/// Scale layer behind a batch normalization, which is trained.
/// </summary>
internal static class AffinePattern
{
    public static NodeProto? FindFactor(NodeProto mul, GraphIndex index)
    {
        foreach ((string unit, string factor) in new[] { (mul.Input[0], mul.Input[1]), (mul.Input[1], mul.Input[0]) })
        {
            if (!index.IsConstant(factor) || index.Number(factor) is not null)
                continue;
            if ((index.Pattern(unit, "GroupNorm") ?? index.Pattern(unit, "LayerNorm")) is { Input.Count: 1 } norm)
                return mul.Attribute.Count == 0 ? Extended(norm, mul, factor) : null;
            if (index.Producer(unit, "BatchNormalization") is not null)
                return Scale(mul, unit, factor);
        }

        return null;
    }

    public static NodeProto? FindOffset(NodeProto add, GraphIndex index)
    {
        foreach ((string scaled, string offset) in new[] { (add.Input[0], add.Input[1]), (add.Input[1], add.Input[0]) })
        {
            if (!index.IsConstant(offset) || index.Number(offset) is not null)
                continue;
            NodeProto? layer = index.Pattern(scaled, "GroupNorm") ?? index.Pattern(scaled, "LayerNorm") ?? index.Pattern(scaled, "ChannelScale");
            if (layer is { Input.Count: 2 } && layer.Attribute.Any(IsAxis) == (add.Attribute.Count > 0))
                return Extended(layer, add, offset);
        }

        return null;
    }

    private static NodeProto Scale(NodeProto mul, string unit, string factor)
    {
        NodeProto layer = GraphPatterns.Layer("ChannelScale", mul, unit, factor);
        layer.Attribute.AddRange(mul.Attribute.Where(IsAxis));
        return layer;
    }

    private static bool IsAxis(AttributeProto attribute) => attribute.Name == "axis";

    private static NodeProto Extended(NodeProto layer, NodeProto last, string input)
    {
        NodeProto extended = GraphPatterns.Layer(layer.OpType, last, layer.Input.Append(input));
        extended.Attribute.AddRange(layer.Attribute);
        return extended;
    }
}
