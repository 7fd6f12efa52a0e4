using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>Recognises squares and their sums, whose range is the square of a layer's: they fit neither half precision nor eight bits.</summary>
internal static class SquaresGraph
{
    /// <summary>Whether a convolution or product is one of squares, or the part of such a sum that goes through two convolutions.</summary>
    public static bool TakesSquares(NodeProto node, GraphEdit edit)
    {
        NodeProto? producer = edit.Producer(node.Input[0]);
        return IsSquare(producer)
            || (IsSum(producer, edit) && edit.Readers(node.Output[0]).ToArray() is [{ OpType: "Add" } add] && add.Input.Any(input => input != node.Output[0] && IsSum(edit.Producer(input), edit)));
    }

    private static bool IsSum(NodeProto? node, GraphEdit edit) => node is { OpType: "Conv" } && IsSquare(edit.Producer(node.Input[0]));

    private static bool IsSquare(NodeProto? node) => node is { OpType: "Mul", Input: [var left, var right] } && left == right;
}
