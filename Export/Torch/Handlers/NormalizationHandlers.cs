using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Normalisation across channels and by recorded statistics.</summary>
internal static class NormalizationHandlers
{
    /// <summary>
    /// b = a / (k + alpha / size * Σ a²)^beta (AlexNet paper, section 3.3; torch, like ONNX, divides alpha by the window's size).
    /// </summary>
    public static OnnxValue LocalResponse(long size, double alpha, double beta, double k, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, _, _) = context.Picture(input);
        if (size < 1)
        {
            throw context.Refuse($"its window has {size} channels, but at least 1 is needed");
        }

        if (size % 2 == 1)
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

        // Torch's window reaches size/2 channels back and (size-1)/2 on, LRN's the other way round: equal for odd sizes only. For even
        // ones the sum is a 1×1 convolution with a banded matrix.
        float[] band = new float[channels * channels];
        for (long channel = 0; channel < channels; channel++)
        {
            long last = Math.Min(channels - 1, channel + ((size - 1) / 2));
            for (long neighbour = Math.Max(0, channel - (size / 2)); neighbour <= last; neighbour++)
            {
                band[(channel * channels) + neighbour] = (float)(alpha / size);
            }
        }

        float[] offset = new float[channels];
        Array.Fill(offset, (float)k);
        OnnxValue squares = context.Helper("squares", "Mul", [input.Name, input.Name], input.RowShape);
        OnnxValue sums = context.Helper(
            "sums",
            "Conv",
            [squares.Name, context.Constant("band", [channels, channels, 1, 1], band), context.Constant("offset", [channels], offset)],
            input.RowShape,
            OnnxAttribute.Ints("kernel_shape", 1, 1));
        OnnxValue divisor = context.Helper(
            "divisor", "Pow", [sums.Name, context.Constant("beta", [], new[] { (float)beta })], input.RowShape);
        return context.Result("Div", [input.Name, divisor.Name], input.RowShape);
    }

    public static OnnxValue Batch(BatchNorm2d module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, _, _) = context.Picture(input);
        if (channels != module.num_features)
        {
            throw context.Refuse($"it normalises {module.num_features} channels, but receives {input}");
        }

        if (module.running_mean is not { } mean || module.running_var is not { } variance)
        {
            throw context.Refuse(
                "it has no running statistics, so every result depends on the other rows of its batch; build it with track_running_stats: true");
        }

        string[] inputs =
        [
            input.Name,
            module.affine ? context.Weight("weight", module.weight) : context.Constant("weight", [channels], Filled(channels, 1)),
            module.affine && module.bias is { } bias ? context.Weight("bias", bias) : context.Constant("bias", [channels], Filled(channels, 0)),
            context.Weight("running_mean", mean),
            context.Weight("running_var", variance),
        ];
        return context.Result("BatchNormalization", inputs, input.RowShape, OnnxAttribute.Float("epsilon", (float)module.eps));
    }

    private static float[] Filled(long length, float value)
    {
        float[] values = new float[length];
        Array.Fill(values, value);
        return values;
    }
}
