using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Layers over features.</summary>
internal static class DenseHandlers
{
    /// <summary>Features are the last axis; of vectors, one Gemm says it all.</summary>
    public static OnnxValue Linear(Linear module, OnnxValue input, OnnxModuleContext context)
    {
        long[] weight = module.weight.shape; // [out, in]
        if (input.RowShape.Count == 0 || input.RowShape[^1] != weight[1])
        {
            throw context.Refuse(
                $"it takes features of shape [batch, …, {weight[1]}], but receives {input}; a Flatten in front makes vectors of pictures");
        }

        string factors = context.Weight("weight", module.weight);
        long[] shape = [.. input.RowShape.SkipLast(1), weight[0]];
        if (shape.Length == 1)
        {
            string[] inputs = module.bias is { } offset ? [input.Name, factors, context.Weight("bias", offset)] : [input.Name, factors];
            return context.Result("Gemm", inputs, shape, OnnxAttribute.Int("transB", 1)); // torch keeps weights as [out, in]
        }

        string columns = context.Prepared("columns", "Transpose", [factors], [weight[1], weight[0]], OnnxAttribute.Ints("perm", 1, 0));
        if (module.bias is not { } bias)
        {
            return context.Result("MatMul", [input.Name, columns], shape);
        }

        OnnxValue products = context.Helper("products", "MatMul", [input.Name, columns], shape);
        return context.Result("Add", [products.Name, context.Weight("bias", bias)], shape);
    }

    public static OnnxValue Softmax(Softmax module, OnnxValue input, OnnxModuleContext context)
        => context.Result("Softmax", [input.Name], input.RowShape, OnnxAttribute.Int("axis", Axis(module.dim, input, context)));

    public static OnnxValue LogSoftmax(LogSoftmax module, OnnxValue input, OnnxModuleContext context)
        => context.Result("LogSoftmax", [input.Name], input.RowShape, OnnxAttribute.Int("axis", Axis(module.dim, input, context)));

    private static long Axis(long dim, OnnxValue input, OnnxModuleContext context)
    {
        long axis = dim < 0 ? dim + input.Rank : dim;
        return axis >= 1 && axis < input.Rank
            ? axis
            : throw context.Refuse(
                $"its dim is {dim}, but {input} has rows along dim 0 and values along dim 1 to {input.Rank - 1}; rows do not mix");
    }
}
