using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>Means over windows that do not divide the map, as products with a matrix from either side: adaptive pooling as this project exports it.</summary>
internal static class AdaptiveAveragePattern
{
    public static NodeProto? Find(NodeProto columns, GraphIndex index)
    {
        if (index.IsConstant(columns.Input[0]) || index.Producer(columns.Input[0], "MatMul") is not { } rows
            || index.Stored(rows.Input[0])?.Dims is not [long height, long rowCount] || index.Stored(columns.Input[1])?.Dims is not [long columnCount, long width]
            || index.Floats(rows.Input[0]) is not { } left || index.Floats(columns.Input[1]) is not { } right
            || !IsMeans(left, rowCount, height, transposed: true) || !IsMeans(right, columnCount, width, transposed: false))
            return null;
        NodeProto layer = GraphPatterns.Layer("AdaptiveAverage", columns, rows.Input[1]);
        layer.Attribute.Add(OnnxAttribute.Ints("size", height, width));
        return layer;
    }

    /// <summary>Whether a matrix takes the means of as many windows over an axis, fewer than the axis is long.</summary>
    public static bool IsMeans(float[] matrix, long length, long size, bool transposed)
        => size > 0 && size < length && matrix.AsSpan().SequenceEqual(AdaptivePooling.Matrix(length, size, transposed));
}
