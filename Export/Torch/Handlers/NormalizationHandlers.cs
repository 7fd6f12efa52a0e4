using AlexNetMl.Onnx;
using AlexNetMl.Training;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Normalisation across channels and by recorded statistics.</summary>
internal static class NormalizationHandlers
{
    /// <summary>
    /// b = a / (k + alpha / size * Σ a²)^beta (AlexNet paper, section 3.3; torch, like ONNX, divides alpha by the window's size). Windows end
    /// where their group of channels does.
    /// </summary>
    public static OnnxValue LocalResponse(
        long size, double alpha, double beta, double k, long groups, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, _, _) = context.Picture(input);
        if (size < 1)
        {
            throw context.Refuse($"its window has {size} channels, but at least 1 is needed");
        }

        if (channels % groups != 0)
        {
            throw context.Refuse($"its channels are in {groups} groups, but it receives {input}");
        }

        if (size % 2 == 1 && groups == 1)
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

        // Torch's window reaches size/2 channels back and (size-1)/2 on, LRN's the other way round: equal for odd sizes only. And LRN knows
        // no groups. Otherwise the sum is a 1×1 convolution with a banded matrix, the same for every group.
        long members = channels / groups;
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

        OnnxValue squares = context.Helper("squares", "Mul", [input.Name, input.Name], input.RowShape);
        OnnxValue sums = context.Helper(
            "sums",
            "Conv",
            [
                squares.Name,
                context.Constant("band", [channels, members, 1, 1], band),
                context.Constant("offset", [channels], Filled(channels, (float)k)),
            ],
            input.RowShape,
            OnnxAttribute.Ints("kernel_shape", 1, 1),
            OnnxAttribute.Int("group", groups));
        return DivideByPower(sums, beta, input, context);
    }

    /// <summary>b = a / (k + alpha / size² * Σ a²)^beta over size × size positions of a map: an average of squares with its border.</summary>
    public static OnnxValue SpatialResponse(SpatialResponseNorm module, OnnxValue input, OnnxModuleContext context)
    {
        context.Picture(input);
        long border = module.size / 2;
        OnnxValue squares = context.Helper("squares", "Mul", [input.Name, input.Name], input.RowShape);
        OnnxValue means = context.Helper(
            "means",
            "AveragePool",
            [squares.Name],
            input.RowShape,
            OnnxAttribute.Ints("kernel_shape", module.size, module.size),
            OnnxAttribute.Ints("strides", 1, 1),
            OnnxAttribute.Ints("pads", border, border, border, border),
            OnnxAttribute.Int("count_include_pad", 1));
        OnnxValue scaled = context.Helper("scaled", "Mul", [means.Name, context.Constant("alpha", [], new[] { (float)module.alpha })], input.RowShape);
        OnnxValue sums = context.Helper("sums", "Add", [scaled.Name, context.Constant("k", [], new[] { (float)module.k })], input.RowShape);
        return DivideByPower(sums, module.beta, input, context);
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

    private static OnnxValue DivideByPower(OnnxValue sums, double beta, OnnxValue input, OnnxModuleContext context)
    {
        OnnxValue divisor = context.Helper(
            "divisor", "Pow", [sums.Name, context.Constant("beta", [], new[] { (float)beta })], input.RowShape);
        return context.Result("Div", [input.Name, divisor.Name], input.RowShape);
    }

    private static float[] Filled(long length, float value)
    {
        float[] values = new float[length];
        Array.Fill(values, value);
        return values;
    }
}
