using AlexNetMl.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Functions of every value by itself.</summary>
internal static class ActivationHandlers
{
    // torch's hard sigmoid is relu6(x + 3) / 6.
    private const float Slope = 1f / 6;

    /// <summary>A module that is one operator without attributes.</summary>
    public static OnnxModuleHandler<nn.Module<Tensor, Tensor>> Plain(string opType)
        => (_, input, context) => context.Result(opType, [input.Name], input.RowShape);

    public static OnnxValue LeakyReLU(LeakyReLU module, OnnxValue input, OnnxModuleContext context)
        => context.Result("LeakyRelu", [input.Name], input.RowShape, OnnxAttribute.Float("alpha", (float)module.negative_slope));

    public static OnnxValue ELU(ELU module, OnnxValue input, OnnxModuleContext context)
        => context.Result("Elu", [input.Name], input.RowShape, OnnxAttribute.Float("alpha", (float)module.alpha));

    public static OnnxValue ReLU6(ReLU6 module, OnnxValue input, OnnxModuleContext context)
        => context.Result("Clip", [input.Name, Scalar("least", 0, context), Scalar("most", 6, context)], input.RowShape);

    public static OnnxValue Hardsigmoid(Hardsigmoid module, OnnxValue input, OnnxModuleContext context)
        => context.Result("HardSigmoid", [input.Name], input.RowShape, OnnxAttribute.Float("alpha", Slope), OnnxAttribute.Float("beta", 0.5f));

    public static OnnxValue Hardswish(Hardswish module, OnnxValue input, OnnxModuleContext context)
    {
        if (context.Opset >= 14)
        {
            return context.Result("HardSwish", [input.Name], input.RowShape);
        }

        OnnxValue gate = context.Helper(
            "gate", "HardSigmoid", [input.Name], input.RowShape, OnnxAttribute.Float("alpha", Slope), OnnxAttribute.Float("beta", 0.5f));
        return context.Result("Mul", [input.Name, gate.Name], input.RowShape);
    }

    public static OnnxValue SiLU(SiLU module, OnnxValue input, OnnxModuleContext context)
    {
        OnnxValue gate = context.Helper("gate", "Sigmoid", [input.Name], input.RowShape);
        return context.Result("Mul", [input.Name, gate.Name], input.RowShape);
    }

    /// <summary>
    /// x / 2 · (1 + erf(x / √2)), in the order that ONNX Runtime recognises and runs as one operator. Opset 20 has Gelu, which other
    /// runtimes still lack.
    /// </summary>
    public static OnnxValue GELU(GELU module, OnnxValue input, OnnxModuleContext context)
    {
        OnnxValue scaled = context.Helper("scaled", "Div", [input.Name, Scalar("root", MathF.Sqrt(2), context)], input.RowShape);
        OnnxValue erf = context.Helper("erf", "Erf", [scaled.Name], input.RowShape);
        OnnxValue gate = context.Helper("gate", "Add", [erf.Name, Scalar("one", 1, context)], input.RowShape);
        OnnxValue gated = context.Helper("gated", "Mul", [input.Name, gate.Name], input.RowShape);
        return context.Result("Mul", [gated.Name, Scalar("half", 0.5f, context)], input.RowShape);
    }

    public static OnnxValue PReLU(PReLU module, OnnxValue input, OnnxModuleContext context)
    {
        long slopes = module.weight.shape[0];
        string weight = context.Weight("weight", module.weight);
        if (slopes == 1)
        {
            return context.Result("PRelu", [input.Name, weight], input.RowShape);
        }

        if (input.RowShape.Count == 0 || input.RowShape[0] != slopes)
        {
            throw context.Refuse($"it has {slopes} slopes, one per channel, but receives {input}");
        }

        return context.Result("PRelu", [input.Name, Channels.Stretch("slopes", weight, input, context)], input.RowShape);
    }

    private static string Scalar(string name, float value, OnnxModuleContext context) => context.Constant(name, [], new[] { value });
}
