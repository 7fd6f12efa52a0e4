using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>The table of operators that are imported without the user's doing.</summary>
internal static class BuiltInOperators
{
    public static OnnxOperatorRegistry AddTo(OnnxOperatorRegistry registry)
        => Patterns(Constants(Tensors(Arithmetics(Activations(Layers(registry))))));

    private static OnnxOperatorRegistry Layers(OnnxOperatorRegistry registry) => registry
        .With("Conv", ConvolutionOperators.Conv)
        .With("Gemm", DenseOperators.Gemm)
        .With("MatMul", DenseOperators.MatMul)
        .With("MaxPool", PoolingOperators.Max)
        .With("AveragePool", PoolingOperators.Average)
        .With("GlobalAveragePool", PoolingOperators.GlobalAverage)
        .With("GlobalMaxPool", PoolingOperators.GlobalMax)
        .With("LRN", NormalizationOperators.LocalResponse)
        .With("BatchNormalization", NormalizationOperators.Batch)
        .With("InstanceNormalization", NormalizationOperators.Instance)
        .With("LayerNormalization", NormalizationOperators.Layer)
        .With("GroupNormalization", NormalizationOperators.Group)
        .With("Dropout", DropoutOperators.Dropout)
        .With("Identity", DropoutOperators.Identity);

    private static OnnxOperatorRegistry Activations(OnnxOperatorRegistry registry) => registry
        .With("Relu", ActivationOperators.Relu)
        .With("LeakyRelu", ActivationOperators.LeakyRelu)
        .With("PRelu", ActivationOperators.PRelu)
        .With("Elu", ActivationOperators.Elu)
        .With("Gelu", ActivationOperators.Gelu)
        .With("Sigmoid", ActivationOperators.Sigmoid)
        .With("HardSigmoid", ActivationOperators.HardSigmoid)
        .With("HardSwish", ActivationOperators.HardSwish)
        .With("Tanh", ActivationOperators.Tanh)
        .With("Clip", ActivationOperators.Clip)
        .With("Softmax", SoftmaxOperators.Softmax)
        .With("LogSoftmax", SoftmaxOperators.LogSoftmax);

    private static OnnxOperatorRegistry Arithmetics(OnnxOperatorRegistry registry)
    {
        foreach (ElementwiseFunction function in Enum.GetValues<ElementwiseFunction>())
            registry = registry.With(function.ToString(), ArithmeticOperators.Function(function));
        return registry
            .With("Add", ArithmeticOperators.Of(Arithmetic.Add))
            .With("Sub", ArithmeticOperators.Of(Arithmetic.Subtract))
            .With("Mul", ArithmeticOperators.Of(Arithmetic.Multiply))
            .With("Div", ArithmeticOperators.Of(Arithmetic.Divide))
            .With("Pow", ArithmeticOperators.Of(Arithmetic.Power))
            .With("Max", ArithmeticOperators.Of(Arithmetic.Maximum))
            .With("Min", ArithmeticOperators.Of(Arithmetic.Minimum))
            .With("Sum", ArithmeticOperators.Of(Arithmetic.Add))
            .With("Mean", ArithmeticOperators.Mean)
            .With("ReduceMean", ReductionOperators.Of(ReductionKind.Mean))
            .With("ReduceSum", ReductionOperators.Of(ReductionKind.Sum))
            .With("ReduceMax", ReductionOperators.Of(ReductionKind.Max))
            .With("ReduceMin", ReductionOperators.Of(ReductionKind.Min));
    }

    private static OnnxOperatorRegistry Tensors(OnnxOperatorRegistry registry) => registry
        .With("Flatten", ReshapeOperators.Flatten)
        .With("Reshape", ReshapeOperators.Reshape)
        .With("Squeeze", ReshapeOperators.Squeeze)
        .With("Unsqueeze", ReshapeOperators.Unsqueeze)
        .With("Transpose", ReshapeOperators.Transpose)
        .With("Concat", PartOperators.Concat)
        .With("Slice", PartOperators.Slice)
        .With("Split", PartOperators.Split)
        .With("Gather", PartOperators.Gather)
        .With("Pad", PaddingOperators.Pad);

    private static OnnxOperatorRegistry Constants(OnnxOperatorRegistry registry) => registry
        .With("Constant", ConstantOperators.Constant)
        .With("ConstantOfShape", ConstantOperators.ConstantOfShape)
        .With("Shape", ConstantOperators.Shape)
        .With("Cast", ConstantOperators.Cast);

    private static OnnxOperatorRegistry Patterns(OnnxOperatorRegistry registry) => registry
        .With(GraphPatterns.Key("LocalResponse"), PatternOperators.LocalResponse)
        .With(GraphPatterns.Key("SpatialResponse"), PatternOperators.SpatialResponse)
        .With(GraphPatterns.Key("SiLU"), PatternOperators.SiLU)
        .With(GraphPatterns.Key("GELU"), PatternOperators.GELU)
        .With(GraphPatterns.Key("Hardswish"), PatternOperators.Hardswish)
        .With(GraphPatterns.Key("AdaptiveAverage"), PatternOperators.AdaptiveAverage)
        .With(GraphPatterns.Key("Linear"), PatternOperators.Linear)
        .With(GraphPatterns.Key("GroupNorm"), PatternOperators.GroupNorm)
        .With(GraphPatterns.Key("LayerNorm"), PatternOperators.LayerNorm)
        .With(GraphPatterns.Key("ChannelScale"), PatternOperators.ChannelScale);
}
