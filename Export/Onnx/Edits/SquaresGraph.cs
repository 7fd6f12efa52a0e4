using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>Recognises squares, whose range is the square of a layer's: they fit neither half precision nor eight bits.</summary>
internal static class SquaresGraph
{
    public static bool IsSquare(NodeProto? node) => node is { OpType: "Mul", Input: [var left, var right] } && left == right;
}
