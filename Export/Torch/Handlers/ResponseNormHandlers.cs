using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>Response normalisation across channels and within a map.</summary>
internal static class ResponseNormHandlers
{
    /// <summary>
    /// b = a / (k + alpha / size * Σ a²)^beta (AlexNet paper, section 3.3; torch, like ONNX, divides alpha by the window's size). Windows end
    /// where their group of channels does.
    /// </summary>
    /// <remarks>
    /// The sum is a 1×1 convolution of the squares with a banded matrix, the same for every group, and k its bias: ONNX Runtime's own LRN
    /// takes longer on a CPU than all that (Tests/Benchmarks, onnx-lrn), and knows neither groups nor, as torch does, even sizes. Many
    /// channels are taken in blocks (<see cref="ChannelBlocks"/>), so that the zeros off the band cost less.
    /// </remarks>
    public static OnnxValue AcrossChannels(
        long size, double alpha, double beta, double k, long groups, OnnxValue input, OnnxModuleContext context)
    {
        long channels = input.RowShape[0];
        context.Picture(input);
        if (size < 1)
        {
            throw context.Refuse($"its window has {size} channels, but at least 1 is needed");
        }

        if (channels % groups != 0)
        {
            throw context.Refuse($"its channels are in {groups} groups, but it receives {input}");
        }

        if (context.UseLrnNode && size % 2 == 1 && groups == 1)
        {
            return context.Result(
                "LRN",
                [input.Name],
                input.RowShape,
                OnnxAttribute.Int("size", size),
                OnnxAttribute.Float("alpha", (float)alpha),
                OnnxAttribute.Float("beta", (float)beta),
                OnnxAttribute.Float("bias", (float)k));
        }

        OnnxValue squares = context.Helper("squares", "Mul", [input.Name, input.Name], input.RowShape);
        string offset = context.Constant("offset", [channels], Channels.Filled(channels, (float)k));
        var band = new ChannelBand(size, (float)(alpha / size), channels, channels / groups);
        OnnxValue sums = band.Blocks() is { } blocks
            ? BlockSums(blocks, squares, offset, context)
            : context.Helper(
                "sums",
                "Conv",
                [squares.Name, context.Constant("band", [channels, band.Members, 1, 1], band.Matrix()), offset],
                input.RowShape,
                OnnxAttribute.Ints("kernel_shape", 1, 1),
                OnnxAttribute.Int("group", groups));
        return DivideByPower(sums, beta, input, context);
    }

    /// <summary>
    /// b = a / (k + alpha / size² * Σ a²)^beta over size × size positions of a map: the sum is a convolution of each map's squares with a window
    /// of equal weights. (An average pooling that counts its border would say it too, but OpenCV 4.6 does not count it.)
    /// </summary>
    public static OnnxValue WithinMaps(SpatialResponseNorm module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, _, _) = context.Picture(input);
        long size = module.size, border = size / 2;
        float[] window = Channels.Filled(channels * size * size, (float)(module.alpha / (size * size)));
        OnnxValue squares = context.Helper("squares", "Mul", [input.Name, input.Name], input.RowShape);
        OnnxValue sums = context.Helper(
            "sums",
            "Conv",
            [squares.Name, context.Constant("window", [channels, 1, size, size], window), context.Constant("offset", [channels], Channels.Filled(channels, (float)module.k))],
            input.RowShape,
            OnnxAttribute.Ints("kernel_shape", size, size),
            OnnxAttribute.Ints("pads", border, border, border, border),
            OnnxAttribute.Int("group", channels));
        return DivideByPower(sums, module.beta, input, context);
    }

    // Most of the band in its diagonal blocks, what crosses from one block into the next by way of the few channels at their borders.
    private static OnnxValue BlockSums(ChannelBlocks blocks, OnnxValue squares, string offset, OnnxModuleContext context)
    {
        IReadOnlyList<long> shape = squares.RowShape;
        long channels = shape[0], borders = blocks.BorderChannels;
        OnnxValue within = context.Helper(
            "within",
            "Conv",
            [squares.Name, context.Constant("blocks", [channels, blocks.Block, 1, 1], blocks.Diagonal()), offset],
            shape,
            OnnxAttribute.Ints("kernel_shape", 1, 1),
            OnnxAttribute.Int("group", channels / blocks.Block));
        OnnxValue edges = context.Helper(
            "edges",
            "Conv",
            [squares.Name, context.Constant("pick", [borders, channels, 1, 1], blocks.Pick())],
            [borders, shape[1], shape[2]],
            OnnxAttribute.Ints("kernel_shape", 1, 1));
        OnnxValue across = context.Helper(
            "across",
            "Conv",
            [edges.Name, context.Constant("place", [channels, borders, 1, 1], blocks.Place())],
            shape,
            OnnxAttribute.Ints("kernel_shape", 1, 1));
        return context.Helper("sums", "Add", [within.Name, across.Name], shape);
    }

    // Powers that are made of square roots take a runtime much less time than Pow does.
    private static OnnxValue DivideByPower(OnnxValue sums, double beta, OnnxValue input, OnnxModuleContext context)
    {
        IReadOnlyList<long> shape = input.RowShape;
        OnnxValue divisor;
        switch (beta)
        {
            case 1:
                divisor = sums;
                break;
            case 0.5:
                divisor = context.Helper("divisor", "Sqrt", [sums.Name], shape);
                break;
            case 0.75:
                OnnxValue root = context.Helper("root", "Sqrt", [sums.Name], shape);
                OnnxValue quarter = context.Helper("quarter", "Sqrt", [root.Name], shape);
                divisor = context.Helper("divisor", "Mul", [root.Name, quarter.Name], shape);
                break;
            default:
                divisor = context.Helper("divisor", "Pow", [sums.Name, context.Constant("beta", [], new[] { (float)beta })], shape);
                break;
        }

        return context.Result("Div", [input.Name, divisor.Name], shape);
    }
}
