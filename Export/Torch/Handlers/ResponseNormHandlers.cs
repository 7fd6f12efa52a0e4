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
    /// takes longer on a CPU than all that (Tests/Benchmarks, onnx-lrn), and knows neither groups nor, as torch does, even sizes.
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
        OnnxValue sums = context.Helper(
            "sums",
            "Conv",
            [
                squares.Name,
                context.Constant("band", [channels, channels / groups, 1, 1], Band(size, alpha, channels, channels / groups)),
                context.Constant("offset", [channels], Channels.Filled(channels, (float)k)),
            ],
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

    // Torch's window reaches size/2 channels back and (size-1)/2 on, LRN's the other way round: equal for odd sizes only.
    private static float[] Band(long size, double alpha, long channels, long members)
    {
        float[] band = new float[channels * members];
        for (long channel = 0; channel < channels; channel++)
        {
            long own = channel % members;
            long last = Math.Min(members - 1, own + ((size - 1) / 2));
            for (long neighbour = Math.Max(0, own - (size / 2)); neighbour <= last; neighbour++)
            {
                band[(channel * members) + neighbour] = (float)(alpha / size);
            }
        }

        return band;
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
