using AlexNetMl.Training;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>The table of modules that are exported without the user's doing.</summary>
internal static class BuiltInHandlers
{
    public static OnnxHandlerRegistry AddTo(OnnxHandlerRegistry registry) => registry
        .With<Conv2d>(ConvolutionHandler.Export)
        .With<Linear>(DenseHandlers.Linear)
        .With<Flatten>(DenseHandlers.Flatten)
        .With<ReLU>((_, input, context) => context.Result("Relu", [input.Name], input.RowShape))
        .With<Tanh>((_, input, context) => context.Result("Tanh", [input.Name], input.RowShape))
        .With<Sigmoid>((_, input, context) => context.Result("Sigmoid", [input.Name], input.RowShape))
        .With<Softmax>(DenseHandlers.Softmax)
        .With<LocalResponseNorm>((module, input, context)
            => NormalizationHandlers.LocalResponse(module.size, module.alpha, module.beta, module.k, 1, input, context))
        .With<FusedLocalResponseNorm>((module, input, context)
            => NormalizationHandlers.LocalResponse(module.size, module.alpha, module.beta, module.k, module.groups, input, context))
        .With<SpatialResponseNorm>(NormalizationHandlers.SpatialResponse)
        .With<BatchNorm2d>(NormalizationHandlers.Batch)
        .With<MaxPool2d>(PoolingHandlers.Max)
        .With<AvgPool2d>(PoolingHandlers.Average)
        .With<AdaptiveAvgPool2d>(PoolingHandlers.AdaptiveAverage)
        .With<ZeroPad2d>(ZeroPadding.Export)
        .With<Dropout>((_, input, _) => input)
        .With<Dropout2d>((_, input, _) => input)
        .With<Identity>((_, input, _) => input)
        .WithJoin<Sum>((_, inputs, context) => JoinHandlers.Elementwise("Add", inputs, context))
        .WithJoin<Product>((_, inputs, context) => JoinHandlers.Elementwise("Mul", inputs, context))
        .WithJoin<Concatenation>(JoinHandlers.Concatenation);
}
