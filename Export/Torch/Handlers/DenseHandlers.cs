using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Layers over feature vectors.</summary>
internal static class DenseHandlers
{
    public static OnnxValue Linear(Linear module, OnnxValue input, OnnxModuleContext context)
    {
        long[] weight = module.weight.shape; // [out, in]
        if (input.RowShape.Count != 1 || input.RowShape[0] != weight[1])
        {
            throw context.Refuse(
                $"it takes features of shape [batch, {weight[1]}], but receives {input}; a Flatten in front makes vectors of pictures");
        }

        string[] inputs = module.bias is { } bias
            ? [input.Name, context.Weight("weight", module.weight), context.Weight("bias", bias)]
            : [input.Name, context.Weight("weight", module.weight)];
        return context.Result("Gemm", inputs, [weight[0]], OnnxAttribute.Int("transB", 1)); // torch keeps weights as [out, in]
    }

    public static OnnxValue Flatten(Flatten module, OnnxValue input, OnnxModuleContext context)
    {
        long end = module.end_dim < 0 ? module.end_dim + input.Rank : module.end_dim;
        if (module.start_dim != 1 || end != input.Rank - 1)
        {
            throw context.Refuse(
                $"it joins the axes {module.start_dim} to {module.end_dim} of {input}, but only all axes after the batch are joined (1 to -1)");
        }

        return context.Result("Flatten", [input.Name], [input.RowShape.Aggregate(1L, (a, b) => a * b)], OnnxAttribute.Int("axis", 1));
    }

    public static OnnxValue Softmax(Softmax module, OnnxValue input, OnnxModuleContext context)
    {
        long axis = module.dim < 0 ? module.dim + input.Rank : module.dim;
        return axis >= 1 && axis < input.Rank
            ? context.Result("Softmax", [input.Name], input.RowShape, OnnxAttribute.Int("axis", axis))
            : throw context.Refuse(
                $"its dim is {module.dim}, but {input} has rows along dim 0 and values along dim 1 to {input.Rank - 1}; rows do not mix");
    }
}
