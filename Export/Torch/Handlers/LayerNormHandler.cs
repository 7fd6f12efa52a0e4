using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>(x - mean) / √(variance + eps) · weight + bias, over the last axes of every row (Ba et al. 2016).</summary>
internal static class LayerNormHandler
{
    public static OnnxValue Export(LayerNorm module, OnnxValue input, OnnxModuleContext context)
    {
        long[] shape = module.normalized_shape;
        if (shape.Length == 0 || shape.Length > input.RowShape.Count || !input.RowShape.TakeLast(shape.Length).SequenceEqual(shape))
        {
            throw context.Refuse($"it normalises [{string.Join(", ", shape)}], but receives {input}");
        }

        return context.Opset >= 17 ? OneNode(module, shape, input, context) : SeveralNodes(module, shape, input, context);
    }

    private static OnnxValue OneNode(LayerNorm module, long[] shape, OnnxValue input, OnnxModuleContext context)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        string scale = module.elementwise_affine
            ? context.Weight("weight", module.weight)
            : context.Constant("scale", shape, Channels.Filled(count, 1)); // not optional in ONNX
        string[] inputs = module.bias is { } bias ? [input.Name, scale, context.Weight("bias", bias)] : [input.Name, scale];
        return context.Result(
            "LayerNormalization",
            inputs,
            input.RowShape,
            OnnxAttribute.Int("axis", -shape.Length),
            OnnxAttribute.Float("epsilon", (float)module.eps));
    }

    // The order of nodes that ONNX Runtime recognises and runs as one.
    private static OnnxValue SeveralNodes(LayerNorm module, long[] shape, OnnxValue input, OnnxModuleContext context)
    {
        long[] axes = [.. Enumerable.Range(1, shape.Length).Select(back => (long)-back).Reverse()];
        long[] one = [.. input.RowShape.SkipLast(shape.Length), .. Enumerable.Repeat(1L, shape.Length)];
        OnnxValue mean = context.Helper("mean", "ReduceMean", [input.Name], one, OnnxAttribute.Ints("axes", axes), OnnxAttribute.Int("keepdims", 1));
        OnnxValue centred = context.Helper("centred", "Sub", [input.Name, mean.Name], input.RowShape);
        OnnxValue squares = context.Helper(
            "squares", "Pow", [centred.Name, context.Constant("two", [], new[] { 2f })], input.RowShape);
        OnnxValue variance = context.Helper(
            "variance", "ReduceMean", [squares.Name], one, OnnxAttribute.Ints("axes", axes), OnnxAttribute.Int("keepdims", 1));
        OnnxValue shifted = context.Helper("shifted", "Add", [variance.Name, context.Constant("eps", [], new[] { (float)module.eps })], one);
        OnnxValue deviation = context.Helper("deviation", "Sqrt", [shifted.Name], one);
        string[] quotient = [centred.Name, deviation.Name];
        if (!module.elementwise_affine)
        {
            return context.Result("Div", quotient, input.RowShape);
        }

        OnnxValue unit = context.Helper("unit", "Div", quotient, input.RowShape);
        string[] product = [unit.Name, context.Weight("weight", module.weight)];
        if (module.bias is not { } bias)
        {
            return context.Result("Mul", product, input.RowShape);
        }

        OnnxValue scaled = context.Helper("scaled", "Mul", product, input.RowShape);
        return context.Result("Add", [scaled.Name, context.Weight("bias", bias)], input.RowShape);
    }
}
