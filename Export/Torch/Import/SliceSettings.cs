using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>What a Slice node takes, axis by axis: attributes until opset 9, constants since.</summary>
internal static class SliceSettings
{
    public static IReadOnlyList<Slice> Read(OnnxNodeImport node, int rank)
    {
        long[] starts = node.Ints("starts") ?? node.Longs(node.Input(1));
        long[] ends = node.Ints("ends") ?? node.Longs(node.Input(2));
        long[] axes = node.Ints("axes") ?? (node.Has(3) ? node.Longs(node.Input(3)) : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)]);
        long[] steps = node.Has(4) ? node.Longs(node.Input(4)) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw node.Refuse($"it has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps");
        axes = Shapes.Axes(axes, rank, node);
        return [.. starts.Select((start, i) => new Slice(axes[i], start, ends[i], steps[i]))];
    }
}
