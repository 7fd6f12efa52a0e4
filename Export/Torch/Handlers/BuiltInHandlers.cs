using AlexNetMl.Training;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>The table of modules that are exported without the user's doing.</summary>
internal static class BuiltInHandlers
{
    public static OnnxHandlerRegistry AddTo(OnnxHandlerRegistry registry)
        => GraphHandlers.AddTo(Normalizations(Activations(Poolings(Joins(WithoutEffect(registry))))))
            .With<Conv1d>(ConvolutionHandler.Export)
            .With<Conv2d>(ConvolutionHandler.Export)
            .With<Conv3d>(ConvolutionHandler.Export)
            .With<FoldedConvolution>(ConvolutionHandler.Folded)
            .With<Linear>(DenseHandlers.Linear)
            .With<Flatten>(ShapeHandlers.Flatten)
            .With<Unflatten>(ShapeHandlers.Unflatten)
            .With<ZeroPad2d>(Borders.Export)
            .With<ConstantPad1d>(Borders.Export)
            .With<ConstantPad2d>(Borders.Export)
            .With<ConstantPad3d>(Borders.Export);

    private static OnnxHandlerRegistry Activations(OnnxHandlerRegistry registry) => registry
        .With<ReLU>(ActivationHandlers.Plain("Relu"))
        .With<Tanh>(ActivationHandlers.Plain("Tanh"))
        .With<Sigmoid>(ActivationHandlers.Plain("Sigmoid"))
        .With<LeakyReLU>(ActivationHandlers.LeakyReLU)
        .With<ReLU6>(ActivationHandlers.ReLU6)
        .With<ELU>(ActivationHandlers.ELU)
        .With<SiLU>(ActivationHandlers.SiLU)
        .With<GELU>(ActivationHandlers.GELU)
        .With<Hardsigmoid>(ActivationHandlers.Hardsigmoid)
        .With<Hardswish>(ActivationHandlers.Hardswish)
        .With<PReLU>(ActivationHandlers.PReLU)
        .With<Softmax>(DenseHandlers.Softmax)
        .With<LogSoftmax>(DenseHandlers.LogSoftmax);

    private static OnnxHandlerRegistry Normalizations(OnnxHandlerRegistry registry) => registry
        .With<LocalResponseNorm>((module, input, context)
            => ResponseNormHandlers.AcrossChannels(module.size, module.alpha, module.beta, module.k, 1, input, context))
        .With<FusedLocalResponseNorm>((module, input, context)
            => ResponseNormHandlers.AcrossChannels(module.size, module.alpha, module.beta, module.k, module.groups, input, context))
        .With<SpatialResponseNorm>(ResponseNormHandlers.WithinMaps)
        .With<BatchNorm1d>(BatchNormHandler.Vectors)
        .With<BatchNorm2d>(BatchNormHandler.Pictures)
        .With<BatchNorm3d>(BatchNormHandler.Volumes)
        .With<LayerNorm>(LayerNormHandler.Export)
        .With<GroupNorm>(GroupNormHandler.Export);

    private static OnnxHandlerRegistry Poolings(OnnxHandlerRegistry registry) => registry
        .With<MaxPool1d>(PoolingHandlers.Max)
        .With<MaxPool2d>(PoolingHandlers.Max)
        .With<MaxPool3d>(PoolingHandlers.Max)
        .With<AvgPool1d>(PoolingHandlers.Average)
        .With<AvgPool2d>(PoolingHandlers.Average)
        .With<AvgPool3d>(PoolingHandlers.Average)
        .With<AdaptiveAvgPool1d>(AdaptivePooling.Average)
        .With<AdaptiveAvgPool2d>(AdaptivePooling.Average)
        .With<AdaptiveAvgPool3d>(AdaptivePooling.Average)
        .With<AdaptiveMaxPool2d>(AdaptivePooling.Max);

    private static OnnxHandlerRegistry Joins(OnnxHandlerRegistry registry) => registry
        .WithJoin<Sum>((_, inputs, context) => JoinHandlers.Elementwise("Add", inputs, context))
        .WithJoin<Product>((_, inputs, context) => JoinHandlers.Elementwise("Mul", inputs, context))
        .WithJoin<Concatenation>(JoinHandlers.Concatenation);

    private static OnnxHandlerRegistry WithoutEffect(OnnxHandlerRegistry registry) => registry
        .With<Dropout>(static (_, input, _) => input)
        .With<Dropout1d>(static (_, input, _) => input)
        .With<Dropout2d>(static (_, input, _) => input)
        .With<Dropout3d>(static (_, input, _) => input)
        .With<Identity>(static (_, input, _) => input);
}
