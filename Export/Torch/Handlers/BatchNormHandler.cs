using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Normalisation of channels by recorded statistics (Ioffe and Szegedy 2015); of vectors, every feature is a channel.</summary>
internal static class BatchNormHandler
{
    public static OnnxValue Vectors(BatchNorm1d module, OnnxValue input, OnnxModuleContext context)
        => input.RowShape.Count == 1 ? Export(module, input, context) : Export(module, 1, input, context);

    public static OnnxValue Pictures(BatchNorm2d module, OnnxValue input, OnnxModuleContext context) => Export(module, 2, input, context);

    public static OnnxValue Volumes(BatchNorm3d module, OnnxValue input, OnnxModuleContext context) => Export(module, 3, input, context);

    private static OnnxValue Export(BatchNorm module, int axes, OnnxValue input, OnnxModuleContext context)
    {
        Maps.Lengths(input, axes, context);
        return Export(module, input, context);
    }

    private static OnnxValue Export(BatchNorm module, OnnxValue input, OnnxModuleContext context)
    {
        long channels = input.RowShape[0];
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
            module.affine ? context.Weight("weight", module.weight) : context.Constant("weight", [channels], Channels.Filled(channels, 1)),
            module.affine && module.bias is { } bias
                ? context.Weight("bias", bias)
                : context.Constant("bias", [channels], Channels.Filled(channels, 0)),
            context.Weight("running_mean", mean),
            context.Weight("running_var", variance),
        ];
        return context.Result("BatchNormalization", inputs, input.RowShape, OnnxAttribute.Float("epsilon", (float)module.eps));
    }
}
