using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>Groups reshaped into channels, normalized each by itself, and reshaped back: group normalization before ONNX had it.</summary>
internal static class GroupNormPattern
{
    public static NodeProto? Find(NodeProto reshape, GraphIndex index)
    {
        if (reshape.Input.Count != 2 || index.Longs(reshape.Input[1]) is not { Length: >= 3 } shape || index.Producer(reshape.Input[0], "InstanceNormalization") is not { } norm
            || index.Producer(norm.Input[0], "Reshape") is not { Input.Count: 2 } grouping || index.Longs(grouping.Input[1]) is not [_, long groups, _]
            || groups < 1 || shape.Skip(1).Any(length => length < 1))
            return null;
        if (index.Floats(norm.Input[1]) is not { } ones || index.Floats(norm.Input[2]) is not { } zeros || ones.Length != groups
            || Array.Exists(ones, value => value != 1) || Array.Exists(zeros, value => value != 0))
            return null;
        NodeProto layer = GraphPatterns.Layer("GroupNorm", reshape, grouping.Input[0]);
        layer.Attribute.Add(OnnxAttribute.Int("groups", groups));
        layer.Attribute.Add(OnnxAttribute.Ints("shape", shape));
        layer.Attribute.Add(GraphPatterns.Exact("epsilon", Epsilon(norm)));
        return layer;
    }

    private static double Epsilon(NodeProto norm)
        => norm.Attribute.FirstOrDefault(attribute => attribute.Name == "epsilon") is { } epsilon ? OnnxNodeImport.Decimal(epsilon.F) : 1e-5;
}
