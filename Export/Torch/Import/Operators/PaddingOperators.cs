using AlexNetMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Borders: as a node, and as what a layer cannot say in its own settings.</summary>
internal static class PaddingOperators
{
    public static void Pad(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        string kind = node.Text("mode", "constant");
        long[] pads = node.Ints("pads") ?? node.Ints("paddings") ?? node.Longs(node.Input(1));
        double value = node.HasAttribute("value") ? node.Float("value", 0) : node.Has(2) ? node.Number(node.Input(2)) : 0;
        long[] axes = node.Has(3) ? Shapes.Axes(node.Longs(node.Input(3)), input.Rank, node) : [.. Enumerable.Range(0, input.Rank).Select(axis => (long)axis)];
        if (pads.Length != 2 * axes.Length || pads.Any(pad => Math.Abs(pad) > int.MaxValue))
            throw node.Refuse($"it has {pads.Length} pads for {axes.Length} axes");
        long[] before = new long[input.Rank];
        long[] after = new long[input.Rank];
        for (int i = 0; i < axes.Length; i++)
            (before[axes[i]], after[axes[i]]) = (pads[i], pads[i + axes.Length]);
        PaddingModes mode = kind switch
        {
            "constant" => PaddingModes.Constant,
            "reflect" => PaddingModes.Reflect,
            "edge" => PaddingModes.Replicate,
            _ => throw node.Refuse($"its mode is {kind}"),
        };
        if (mode != PaddingModes.Constant && (input.Rank is < 3 or > 5 || before.Take(2).Concat(after.Take(2)).Any(pad => pad != 0)))
            throw node.Refuse($"its mode is {kind} and its pads are [{string.Join(", ", pads)}]; only axes behind the channels are padded so");
        long[] shape = [.. input.Shape.Select((length, axis) => length == OnnxImportValue.Unknown ? length : length + before[axis] + after[axis])];
        bool isZeroPad = mode == PaddingModes.Constant && value == 0 && input.Rank == 4 && before.Concat(after).All(pad => pad >= 0)
            && before.Take(2).Concat(after.Take(2)).All(pad => pad == 0);
        node.Result(isZeroPad ? nn.ZeroPad2d((before[3], after[3], before[2], after[2])) : new Border(before, after, mode, value), shape);
    }

    /// <summary>A layer's input with the padding that the layer asks for.</summary>
    public static OnnxImportValue Around(OnnxNodeImport node, WindowSettings window, double value)
    {
        OnnxImportValue input = node.Input(0);
        long[] b = window.Before;
        long[] a = window.After;
        long[] shape = [.. input.Shape.Take(2), .. input.Shape.Skip(2).Select(window.Padded)];
        nn.Module<Tensor, Tensor> module = window.Axes switch
        {
            1 => nn.ConstantPad1d((b[0], a[0]), value),
            2 when value == 0 => nn.ZeroPad2d((b[1], a[1], b[0], a[0])),
            2 => nn.ConstantPad2d((b[1], a[1], b[0], a[0]), value),
            _ => nn.ConstantPad3d((b[2], a[2], b[1], a[1], b[0], a[0]), value),
        };
        return node.Helper("pad", module, [input], shape);
    }
}
