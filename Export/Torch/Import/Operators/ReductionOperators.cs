using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Means, sums and extremes along axes, which are an attribute first and an input later (ReduceSum from opset 13, the others from 18).</summary>
internal static class ReductionOperators
{
    public static OnnxOperatorBuilder Of(ReductionKind kind) => node =>
    {
        OnnxImportValue input = node.Input(0);
        bool keeps = node.Int("keepdims", 1) != 0;
        bool allWithoutAxes = node.Int("noop_with_empty_axes", 0) == 0;
        long[] axes = node.Ints("axes") ?? (node.Has(1) ? node.Longs(node.Input(1)) : []);
        if (axes.Length == 0 && !allWithoutAxes)
        {
            node.Alias(input);
            return;
        }

        axes = axes.Length == 0 ? [.. Enumerable.Range(0, input.Rank).Select(axis => (long)axis)] : Shapes.Axes(axes, input.Rank, node);
        if (axes.Length == 0)
        {
            node.Alias(input);
            return;
        }

        Array.Sort(axes);
        long[] shape = keeps
            ? [.. input.Shape.Select((length, axis) => axes.Contains(axis) ? 1 : length)]
            : [.. input.Shape.Where((_, axis) => !axes.Contains(axis))];
        bool isPooling = kind == ReductionKind.Mean && keeps && input.Rank == 4 && axes is [2, 3];
        node.Result(isPooling ? nn.AdaptiveAvgPool2d(1) : new Reduction(kind, axes, keeps), shape);
    };
}
