using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Softmax and its logarithm: along one axis since opset 13, over all axes from one on before.</summary>
internal static class SoftmaxOperators
{
    public static void Softmax(OnnxNodeImport node) => Build(node, logarithm: false);

    public static void LogSoftmax(OnnxNodeImport node) => Build(node, logarithm: true);

    private static void Build(OnnxNodeImport node, bool logarithm)
    {
        OnnxImportValue input = node.Input(0);
        int axis = Shapes.Axis(node.Int("axis", node.Opset >= 13 ? -1 : 1), input.Rank, node);
        bool isOneAxis = node.Opset >= 13 || input.Shape.Skip(axis + 1).All(length => length == 1);
        nn.Module<Tensor, Tensor> module = !isOneAxis ? new FlatSoftmax(axis, logarithm) : logarithm ? nn.LogSoftmax(axis) : nn.Softmax(axis);
        node.Result(module, input.Shape);
    }
}
