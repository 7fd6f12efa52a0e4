using System.Globalization;
using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Layers that a file holds as several nodes; <see cref="GraphPatterns"/> found them.</summary>
internal static class PatternOperators
{
    public static void LocalResponse(OnnxNodeImport node) => node.Result(
        new FusedLocalResponseNorm(node.Int("size", 0), Exact(node, "alpha"), Exact(node, "beta"), Exact(node, "k"), node.Int("groups", 1)),
        node.Input(0).Shape);

    public static void SpatialResponse(OnnxNodeImport node)
        => node.Result(new SpatialResponseNorm(node.Int("size", 0), Exact(node, "alpha"), Exact(node, "beta"), Exact(node, "k")), node.Input(0).Shape);

    public static void SiLU(OnnxNodeImport node) => node.Result(nn.SiLU(), node.Input(0).Shape);

    public static void GELU(OnnxNodeImport node) => node.Result(nn.GELU(), node.Input(0).Shape);

    public static void Hardswish(OnnxNodeImport node) => node.Result(nn.Hardswish(), node.Input(0).Shape);

    public static void Linear(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        OnnxImportValue weight = node.Input(1);
        if (weight.Rank != 2 || input.Rank < 2)
            throw node.Refuse($"it multiplies [{string.Join(", ", input.Shape)}] with [{string.Join(", ", weight.Shape)}]");
        Linear module = DenseOperators.Linear(node, input, weight, transposed: false, weight.Shape[0], weight.Shape[1], hasBias: true);
        DenseOperators.LoadBias(node, node.Input(2), module.bias!);
        node.Result(module, [.. input.Shape.SkipLast(1), weight.Shape[1]]);
    }

    public static void GroupNorm(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long groups = node.Int("groups", 0);
        double epsilon = Exact(node, "epsilon");
        long[] shape = node.Ints("shape") ?? [];
        if (input.Rank < 3 || input.Rank != shape.Length || !input.Shape.Skip(1).SequenceEqual(shape.Skip(1)) || input.Shape[1] % groups != 0)
            throw node.Refuse($"it normalises {groups} groups of [{string.Join(", ", input.Shape)}] reshaped to [{string.Join(", ", shape)}]");
        long channels = input.Shape[1];
        GroupNorm module = nn.GroupNorm(groups, channels, epsilon, affine: node.Has(1));
        long[] perChannel = [channels, .. Enumerable.Repeat(1L, input.Rank - 2)];
        if (node.Has(1))
            LoadAffine(node, node.Input(1), module.weight, perChannel);
        if (node.Has(2))
            LoadAffine(node, node.Input(2), module.bias!, perChannel);
        node.Result(module, input.Shape);
    }

    public static void LayerNorm(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] axes = Shapes.Axes(node.Ints("axes") ?? [], input.Rank, node);
        double epsilon = Exact(node, "epsilon");
        Array.Sort(axes);
        long[] shape = [.. axes.Select(axis => input.Shape[(int)axis])];
        if (axes.Length == 0 || axes[^1] != input.Rank - 1 || axes[^1] - axes[0] != axes.Length - 1 || !Shapes.IsKnown(shape))
            throw node.Refuse($"it normalises the axes [{string.Join(", ", axes)}] of [{string.Join(", ", input.Shape)}], but the last ones are normalised together");
        LayerNorm module = nn.LayerNorm(shape, epsilon, elementwise_affine: node.Has(1), bias: node.Has(2));
        if (node.Has(1))
            LoadAffine(node, node.Input(1), module.weight, shape);
        if (node.Has(2))
            LoadAffine(node, node.Input(2), module.bias!, shape);
        node.Result(module, input.Shape);
    }

    public static void AdaptiveAverage(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] size = node.Ints("size")!;
        if (input.Rank != 4)
            throw node.Refuse($"its means over windows are those of maps, but its input has the shape [{string.Join(", ", input.Shape)}]");
        node.Result(nn.AdaptiveAvgPool2d((size[0], size[1])), [.. input.Shape.Take(2), .. size]);
    }

    public static void ChannelScale(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        OnnxImportValue factors = node.Input(1);
        bool hasOffsets = node.Has(2);
        bool isAlongChannels = node.Int("axis", 0) == 1; // until opset 6
        if (IsPerChannel(factors, input, isAlongChannels) && (!hasOffsets || IsPerChannel(node.Input(2), input, isAlongChannels)))
        {
            var module = new ChannelScale(input.Shape[1], hasOffsets);
            node.Load(factors, module.Weight);
            if (hasOffsets)
                node.Load(node.Input(2), module.Bias!);
            node.Result(module, input.Shape);
            return;
        }

        if (isAlongChannels)
            throw node.Refuse($"its factors of shape [{string.Join(", ", factors.Shape)}] are not those of the channels of [{string.Join(", ", input.Shape)}]");

        // Not a trained layer behind a batch normalization, but numbers that happen to stand there.
        long[] shape = Shapes.Broadcast(input.Shape, factors.Shape, node);
        var product = new ConstantOperand(Arithmetic.Multiply, node.ToTensor(factors));
        if (!hasOffsets)
        {
            node.Result(product, shape);
            return;
        }

        OnnxImportValue scaled = node.Helper("scaled", product, [input], shape);
        node.Result(new ConstantOperand(Arithmetic.Add, node.ToTensor(node.Input(2))), [scaled], Shapes.Broadcast(shape, node.Input(2).Shape, node));
    }

    private static bool IsPerChannel(OnnxImportValue value, OnnxImportValue input, bool isAlongChannels)
    {
        if (isAlongChannels)
            return value.Shape is [long channels] && channels == input.Shape[1];
        long[] tail = [input.Shape[1], .. Enumerable.Repeat(1L, input.Rank - 2)];
        return input.Shape[1] > 0 && (value.Shape.SequenceEqual(tail) || value.Shape.SequenceEqual(tail.Prepend(1)));
    }

    private static void LoadAffine(OnnxNodeImport node, OnnxImportValue value, Parameter destination, long[] shape)
    {
        if (!value.Shape.SequenceEqual(shape))
            throw node.Refuse($"its input '{value.Name}' has the shape [{string.Join(", ", value.Shape)}], but [{string.Join(", ", shape)}] is expected");
        node.Load(value, destination);
    }

    // Patterns carry their numbers as text, which loses nothing.
    private static double Exact(OnnxNodeImport node, string name) => double.Parse(node.Text(name, "0"), CultureInfo.InvariantCulture);
}
