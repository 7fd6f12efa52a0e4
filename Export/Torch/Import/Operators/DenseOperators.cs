using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Matrix products: Gemm and MatMul.</summary>
internal static class DenseOperators
{
    // The longest side of a map, far above any picture's.
    private const long MaxMeans = 4096;

    public static void Gemm(OnnxNodeImport node)
    {
        double alpha = node.Float("alpha", 1);
        double beta = node.Float("beta", 1);
        node.Int("broadcast", 1); // until opset 6; since then always
        bool transposedInput = node.Int("transA", 0) != 0;
        bool transposedWeight = node.Int("transB", 0) != 0;
        OnnxImportValue input = node.Input(0);
        OnnxImportValue weight = node.Input(1);
        if (input.IsConstant || !weight.IsConstant || input.Rank != 2 || weight.Rank != 2)
            throw node.Refuse($"it multiplies [{string.Join(", ", input.Shape)}] with [{string.Join(", ", weight.Shape)}], but rows [batch, features] with a constant matrix are supported");
        if (transposedInput)
            input = node.Helper("transpose", new Permutation(1, 0), [input], [input.Shape[1], input.Shape[0]]);
        (long features, long outputs) = transposedWeight ? (weight.Shape[1], weight.Shape[0]) : (weight.Shape[0], weight.Shape[1]);
        OnnxImportValue? bias = node.Has(2) && beta != 0 ? node.Input(2) : null;

        // One number for all outputs, or one for each, is a layer's bias; anything with rows is added behind it.
        bool isVector = bias is { IsConstant: true, Rank: <= 1 } || (bias is { IsConstant: true, Rank: 2 } && bias.Shape[0] == 1);
        long[] shape = [input.Shape[0], outputs];
        Linear module = Linear(node, input, weight, transposedWeight, features, outputs, isVector);
        using (no_grad())
        {
            if (alpha != 1)
                module.weight.mul_(alpha);
            if (isVector)
                LoadBias(node, bias!, module.bias!, beta);
        }

        if (bias is null || isVector)
        {
            node.Result(module, [input], shape);
            return;
        }

        OnnxImportValue product = node.Helper("product", module, [input], shape);
        if (!bias.IsConstant)
        {
            OnnxImportValue added = beta == 1 ? bias : node.Helper("beta", new ConstantOperand(Arithmetic.Multiply, tensor((float)beta)), [bias], bias.Shape);
            node.Result(new Sum(), [product, added], Shapes.Broadcast(shape, bias.Shape, node));
            return;
        }

        Tensor constant = node.ToTensor(bias);
        node.Result(new ConstantOperand(Arithmetic.Add, beta == 1 ? constant : constant.mul_(beta)), [product], Shapes.Broadcast(shape, bias.Shape, node));
    }

    public static void MatMul(OnnxNodeImport node)
    {
        OnnxImportValue a = node.Input(0);
        OnnxImportValue b = node.Input(1);
        if (!a.IsConstant && b is { IsConstant: true, Rank: 2 } && a.Rank >= 2 && !IsMeans(node, a, b))
        {
            node.Result(Linear(node, a, b, transposed: false, b.Shape[0], b.Shape[1], hasBias: false), [a], [.. a.Shape.SkipLast(1), b.Shape[1]]);
            return;
        }

        if (!a.IsConstant && a.Rank == 4 && a.Shape[2] != OnnxImportValue.Unknown && IsMeans(node, a, b))
        {
            node.Result(nn.AdaptiveAvgPool2d((a.Shape[2], b.Shape[1])), [a], [.. a.Shape.SkipLast(1), b.Shape[1]]);
            return;
        }

        if (a.Rank < 2 || b.Rank < 2)
            throw node.Refuse("it multiplies with a vector; matrices are supported");
        if (a.Shape[^1] != b.Shape[^2] && a.Shape[^1] != OnnxImportValue.Unknown && b.Shape[^2] != OnnxImportValue.Unknown)
            throw node.Refuse($"it multiplies [{string.Join(", ", a.Shape)}] with [{string.Join(", ", b.Shape)}], which do not fit");
        long[] shape = [.. Shapes.Broadcast([.. a.Shape.SkipLast(2)], [.. b.Shape.SkipLast(2)], node), a.Shape[^2], b.Shape[^1]];
        if (a.IsConstant != b.IsConstant)
            node.Result(new ConstantOperand(Arithmetic.MatrixProduct, node.ToTensor(a.IsConstant ? a : b), a.IsConstant), [a.IsConstant ? b : a], shape);
        else
            node.Result(new ArithmeticJoin(Arithmetic.MatrixProduct), [a, b], shape);
    }

    // The means of adaptive pooling are no weights.
    private static bool IsMeans(OnnxNodeImport node, OnnxImportValue input, OnnxImportValue matrix)
        => input.Rank > 2 && matrix is { IsConstant: true, Rank: 2 } && matrix.Shape[1] < matrix.Shape[0] && matrix.Shape[0] <= MaxMeans
            && AdaptiveAveragePattern.IsMeans(node.Floats(matrix), matrix.Shape[0], matrix.Shape[1], transposed: false);

    /// <summary>A layer with the weight in place.</summary>
    public static Linear Linear(
        OnnxNodeImport node, OnnxImportValue input, OnnxImportValue weight, bool transposed, long features, long outputs, bool hasBias)
    {
        if (features < 1 || outputs < 1 || (input.Shape[^1] != OnnxImportValue.Unknown && input.Shape[^1] != features))
            throw node.Refuse($"its matrix of {features}×{outputs} does not fit its input of shape [{string.Join(", ", input.Shape)}]");
        Linear module = nn.Linear(features, outputs, hasBias);
        if (transposed)
        {
            node.Load(weight, module.weight);
            return module;
        }

        // torch keeps weights as [out, in].
        using IDisposable noGradients = no_grad();
        using Tensor stored = node.ToTensor(weight);
        using Tensor turned = stored.t();
        module.weight.copy_(turned);
        return module;
    }

    /// <summary>A bias of one value for all outputs or of one for each, times a factor.</summary>
    public static void LoadBias(OnnxNodeImport node, OnnxImportValue value, Parameter bias, double factor = 1)
    {
        using IDisposable noGradients = no_grad();
        using Tensor stored = node.ToTensor(value);
        if (stored.NumberOfElements != 1 && stored.NumberOfElements != bias.NumberOfElements)
            throw node.Refuse($"its input '{value.Name}' has {stored.NumberOfElements} values for {bias.NumberOfElements} outputs");
        using Tensor flat = stored.reshape(-1);
        bias.copy_(flat);
        if (factor != 1)
            bias.mul_(factor);
    }
}
