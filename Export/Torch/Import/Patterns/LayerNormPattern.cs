using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>(x − mean) / √(variance + ε) over the last axes: layer normalization before ONNX had it.</summary>
internal static class LayerNormPattern
{
    public static NodeProto? Find(NodeProto div, GraphIndex index)
    {
        string centred = div.Input[0];
        if (index.Producer(div.Input[1], "Sqrt") is not { } root || index.Producer(root.Input[0], "Add") is not { } shifted || index.Number(shifted.Input[1]) is not { } epsilon
            || index.Producer(shifted.Input[0], "ReduceMean") is not { } variance || Axes(variance, index) is not { } axes)
            return null;
        NodeProto? squares = index.Producer(variance.Input[0], "Pow") is { } pow && index.Number(pow.Input[1]) == 2 ? pow : index.Producer(variance.Input[0], "Mul");
        if (squares is null || squares.Input[0] != centred || (squares.OpType == "Mul" && squares.Input[1] != centred))
            return null;
        if (index.Producer(centred, "Sub", squares.OpType == "Mul" ? 3 : 2) is not { } sub || index.Producer(sub.Input[1], "ReduceMean") is not { } mean
            || mean.Input[0] != sub.Input[0] || Axes(mean, index)?.SequenceEqual(axes) != true)
            return null;
        NodeProto layer = GraphPatterns.Layer("LayerNorm", div, sub.Input[0]);
        layer.Attribute.Add(OnnxAttribute.Ints("axes", axes));
        layer.Attribute.Add(GraphPatterns.Exact("epsilon", epsilon));
        return layer;
    }

    private static long[]? Axes(NodeProto reduce, GraphIndex index)
    {
        if (reduce.Attribute.Any(attribute => attribute.Name is not ("axes" or "keepdims") || (attribute.Name == "keepdims" && attribute.I == 0)))
            return null;
        return reduce.Attribute.FirstOrDefault(attribute => attribute.Name == "axes")?.Ints.ToArray() ?? (reduce.Input.Count == 2 ? index.Longs(reduce.Input[1]) : null);
    }
}
