using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>Recognises squares and their sums, whose range is the square of a layer's: they fit neither half precision nor eight bits.</summary>
internal static class SquaresGraph
{
    /// <summary>Whether a convolution or product is one of squares, or of sums of them.</summary>
    public static bool TakesSquares(NodeProto node, GraphEdit edit)
        => edit.Producer(node.Input[0]) is { } producer && (IsSquare(producer) || (producer.OpType == "Conv" && IsSquare(edit.Producer(producer.Input[0]))));

    private static bool IsSquare(NodeProto? node) => node is { OpType: "Mul", Input: [var left, var right] } && left == right;
}
