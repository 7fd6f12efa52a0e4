using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>A product with a constant matrix and a constant vector that is added: a layer with its bias.</summary>
internal static class LinearPattern
{
    public static NodeProto? Find(NodeProto add, GraphIndex index)
    {
        foreach ((string product, string bias) in new[] { (add.Input[0], add.Input[1]), (add.Input[1], add.Input[0]) })
        {
            if (index.Producer(product, "MatMul") is { } matMul && !index.IsConstant(matMul.Input[0]) && Columns(matMul.Input[1], index) is { } columns
                && index.Stored(bias)?.Dims is [long count] && count == columns)
                return GraphPatterns.Layer("Linear", add, matMul.Input[0], matMul.Input[1], bias);
        }

        return null;
    }

    // The matrix as it is stored, or turned round by a node.
    private static long? Columns(string name, GraphIndex index)
    {
        if (index.Stored(name)?.Dims is [_, long columns])
            return columns;
        return index.Producer(name, "Transpose", index.Uses(name)) is { } transpose && index.Stored(transpose.Input[0])?.Dims is [long rows, _] ? rows : null;
    }
}
