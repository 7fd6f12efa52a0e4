using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>One input or output of a model whose first axis is the batch.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">The type of one element: a number, <see cref="bool"/> or <see cref="string"/>.</param>
/// <param name="RowShape">Lengths of the axes behind the batch; null for an output of a length that only a run tells.</param>
public sealed record TensorPort(string Name, Type ElementType, IReadOnlyList<int>? RowShape)
{
    /// <summary>Elements of one row; 0 where only a run tells.</summary>
    public int RowLength { get; } = RowShape is null ? 0 : RowShape.Aggregate(1, (a, b) => checked(a * b));

    /// <summary>Element types that travel, and what ONNX Runtime calls them.</summary>
    private static readonly HashSet<Type> Known =
    [
        typeof(float), typeof(double), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(bool), typeof(string),
    ];

    /// <exception cref="OnnxScoringException">It has no batch axis, an axis of unknown length behind it, or elements that no column holds.</exception>
    internal static TensorPort Input(string model, string name, NodeMetadata value, int[]? given)
    {
        int[] axes = Axes(model, "input", name, value);
        if (given is not null && given.Length != axes.Length)
        {
            throw new OnnxScoringException(
                $"The shape given for the input '{name}' of '{model}' has {given.Length} axes, but the input is {Describe(value)}: give {axes.Length}, the batch first.");
        }

        int[] row = [.. axes.Select((axis, i) => axis > 0 ? axis : given?[i] ?? 0).Skip(1)];
        return Array.TrueForAll(row, axis => axis > 0)
            ? new TensorPort(name, value.ElementDataTypeOf(), row)
            : throw new OnnxScoringException(
                $"The input '{name}' of '{model}' is {Describe(value)}, with an axis of unknown length behind the batch: "
                + "give the lengths in shapeDictionary, any number for the batch.");
    }

    internal static TensorPort Output(string model, string name, NodeMetadata value)
    {
        int[] row = Axes(model, "output", name, value)[1..];
        return new TensorPort(name, value.ElementDataTypeOf(), Array.TrueForAll(row, axis => axis > 0) ? row : null);
    }

    internal static string Describe(NodeMetadata value)
    {
        if (!value.IsTensor)
        {
            return "not a tensor";
        }

        IEnumerable<string> axes = value.Dimensions.Select((length, axis) => length > 0 || value.SymbolicDimensions[axis].Length == 0
            ? length.ToString(CultureInfo.InvariantCulture)
            : value.SymbolicDimensions[axis]);
        return $"{value.ElementDataType} [{string.Join(", ", axes)}]";
    }

    private static int[] Axes(string model, string kind, string name, NodeMetadata value)
    {
        if (!value.IsTensor || !Known.Contains(value.ElementDataTypeOf()))
        {
            throw new OnnxScoringException(
                $"The {kind} '{name}' of '{model}' is {Describe(value)}; columns hold tensors of float, double, whole numbers, booleans and texts.");
        }

        int[] axes = value.Dimensions;
        return axes.Length > 0 && axes[0] <= 0
            ? axes
            : throw new OnnxScoringException(
                $"The {kind} '{name}' of '{model}' is {Describe(value)} and has no batch axis: rows go in together along a first axis of free length. "
                + "Export the model with a dynamic first axis, or score row by row with ApplyOnnxModel.");
    }
}

/// <summary>ONNX Runtime's types as .NET's.</summary>
internal static class NodeMetadataTypes
{
    public static Type ElementDataTypeOf(this NodeMetadata value) => value.IsString ? typeof(string) : value.ElementType;
}
