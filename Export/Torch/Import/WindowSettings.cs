namespace AlexNetMl.Export;

/// <summary>The window that a convolution or pooling moves over maps, with ONNX's rules.</summary>
internal sealed class WindowSettings
{
    private WindowSettings(long[] kernel, long[] stride, long[] dilation, long[] before, long[] after)
        => (Kernel, Stride, Dilation, Before, After) = (kernel, stride, dilation, before, after);

    public long[] Kernel { get; }

    public long[] Stride { get; }

    public long[] Dilation { get; }

    /// <summary>Padding in front, per axis.</summary>
    public long[] Before { get; }

    /// <summary>Padding behind, per axis.</summary>
    public long[] After { get; }

    public int Axes => Kernel.Length;

    public bool IsSymmetric => Before.SequenceEqual(After);

    /// <summary>Reads a node's attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernel">The weight's window; null where the attribute kernel_shape is all there is.</param>
    public static WindowSettings Read(OnnxNodeImport node, long[]? kernel)
    {
        OnnxImportValue input = node.Input(0);
        int axes = input.Rank - 2;
        if (axes is < 1 or > 3)
            throw node.Refuse($"its input has {input.Rank} axes, but 3 to 5 are supported");
        long[] window = node.Ints("kernel_shape") ?? kernel ?? throw node.Refuse("its kernel_shape is missing");
        if (kernel is not null && !window.SequenceEqual(kernel))
            throw node.Refuse($"its kernel_shape is [{string.Join(", ", window)}], but its weight's is [{string.Join(", ", kernel)}]");
        long[] stride = node.Ints("strides") ?? Ones(axes);
        long[] dilation = node.Ints("dilations") ?? Ones(axes);
        long[]? pads = node.Ints("pads");
        string auto = node.Text("auto_pad", "NOTSET");
        foreach (long[] list in new[] { window, stride, dilation })
        {
            if (list.Length != axes || list.Any(value => value is < 1 or > int.MaxValue))
                throw node.Refuse($"its window, strides or dilations [{string.Join(", ", list)}] are not {axes} positive numbers");
        }

        if (pads is not null && (pads.Length != 2 * axes || pads.Any(pad => pad is < 0 or > int.MaxValue)))
            throw node.Refuse($"its pads [{string.Join(", ", pads)}] are not {2 * axes} numbers from 0");
        if (auto is "" or "NOTSET")
        {
            pads ??= new long[2 * axes];
            return new WindowSettings(window, stride, dilation, pads[..axes], pads[axes..]);
        }

        long[] before = new long[axes];
        long[] after = new long[axes];
        for (int i = 0; i < axes && auto != "VALID"; i++)
        {
            long total = Same(input.Shape[i + 2], stride[i], (dilation[i] * (window[i] - 1)) + 1, node);
            (before[i], after[i]) = auto switch
            {
                "SAME_UPPER" => (total / 2, total - (total / 2)),
                "SAME_LOWER" => (total - (total / 2), total / 2),
                _ => throw node.Refuse($"its auto_pad is {auto}"),
            };
        }

        return new WindowSettings(window, stride, dilation, before, after);
    }

    public WindowSettings WithoutPadding() => new(Kernel, Stride, Dilation, new long[Axes], new long[Axes]);

    /// <summary>The input's length of an axis with its padding, or Unknown.</summary>
    public long Padded(long length, int axis) => length == OnnxImportValue.Unknown ? length : length + Before[axis] + After[axis];

    /// <summary>How many windows there are, per axis.</summary>
    public long[] Counts(OnnxImportValue input, bool ceiling, OnnxNodeImport node)
    {
        long[] counts = new long[Axes];
        for (int i = 0; i < Axes; i++)
        {
            long length = input.Shape[i + 2];
            if (length == OnnxImportValue.Unknown)
            {
                counts[i] = length;
                continue;
            }

            counts[i] = Window(length, i, ceiling).Count + (IsSymmetric ? 0 : Extra(length, i, ceiling));
            if (counts[i] < 1)
                throw node.Refuse($"its window of {Reach(i)} does not fit into {length} with pads of {Before[i]} and {After[i]}");
        }

        return counts;
    }

    /// <summary>
    /// Whether the padding behind is what torch's ceil_mode adds to that in front: a last window that hangs over by as much. So exported
    /// networks have the module again that they were made of.
    /// </summary>
    public bool IsCeiling(OnnxImportValue input)
    {
        for (int i = 0; i < Axes; i++)
        {
            long length = input.Shape[i + 2];
            if (length == OnnxImportValue.Unknown || After[i] - Before[i] != Window(length, i, ceiling: true).Overhang)
                return false;
        }

        return !IsSymmetric;
    }

    /// <summary>Whether torch's poolings can pad so: by half the window at most.</summary>
    public bool IsHalfAtMost => Before.Zip(Kernel).All(pair => pair.First <= pair.Second / 2);

    public long Reach(int axis) => (Dilation[axis] * (Kernel[axis] - 1)) + 1;

    private PoolingWindow Window(long length, int axis, bool ceiling)
        => new(length, Kernel[axis], Stride[axis], Before[axis], Dilation[axis], ceiling);

    private long Extra(long length, int axis, bool ceiling)
        => new PoolingWindow(length + Before[axis] + After[axis], Kernel[axis], Stride[axis], 0, Dilation[axis], ceiling).Count - Window(length, axis, ceiling).Count;

    private static long Same(long length, long stride, long reach, OnnxNodeImport node)
    {
        if (length == OnnxImportValue.Unknown)
            return stride == 1 ? reach - 1 : throw node.Refuse("its auto_pad depends on the length of an axis that is not known");
        long count = (length + stride - 1) / stride;
        return Math.Max(0, ((count - 1) * stride) + reach - length);
    }

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];
}
