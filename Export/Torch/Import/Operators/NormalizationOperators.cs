using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Normalizations.</summary>
internal static class NormalizationOperators
{
    public static void LocalResponse(OnnxNodeImport node)
    {
        double alpha = node.Float("alpha", 1e-4);
        double beta = node.Float("beta", 0.75);
        double bias = node.Float("bias", 1);
        long size = node.Int("size", 0);

        // Torch's even windows reach further back, ONNX's further on.
        if (size is < 1 or > int.MaxValue || size % 2 == 0)
            throw node.Refuse($"its size is {size}, but odd windows are supported");
        node.Result(new FusedLocalResponseNorm(size, alpha, beta, bias), node.Input(0).Shape);
    }

    public static void Batch(OnnxNodeImport node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        double momentum = node.Float("momentum", 0.9);
        node.Int("is_test", 1); // until opset 6; training is known by its further outputs
        if (node.Int("training_mode", 0) != 0)
            throw node.Refuse("its training_mode is 1; export the network for inference");
        if (node.Int("spatial", 1) != 1)
            throw node.Refuse("its spatial is 0, statistics per value, but statistics per channel are supported");
        OnnxImportValue input = node.Input(0);
        long channels = Channels(node, input, node.Input(3));

        // ONNX keeps this part of the old statistics, torch takes this part of the new; in decimals, so that 0.9 becomes 0.1.
        double share = (double)(1 - (decimal)momentum);
        BatchNorm module = input.Rank switch
        {
            2 or 3 => nn.BatchNorm1d(channels, epsilon, share),
            4 => nn.BatchNorm2d(channels, epsilon, share),
            5 => nn.BatchNorm3d(channels, epsilon, share),
            _ => throw node.Refuse($"its input has {input.Rank} axes, but 2 to 5 are supported"),
        };
        node.Load(node.Input(1), module.weight);
        node.Load(node.Input(2), module.bias!);
        node.Load(node.Input(3), module.running_mean!);
        node.Load(node.Input(4), module.running_var!);
        node.Result(module, input.Shape);
    }

    public static void Instance(OnnxNodeImport node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        long channels = Channels(node, node.Input(0), node.Input(1));
        Affine(node, nn.GroupNorm(channels, channels, epsilon), node.Input(1), node.Input(2)); // every channel a group of its own
    }

    public static void Group(OnnxNodeImport node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        long groups = node.Int("num_groups", 0);
        if (node.Int("stash_type", 1) != 1)
            throw node.Refuse("its stash_type is not float32");
        OnnxImportValue input = node.Input(0);
        OnnxImportValue scale = node.Input(1);
        if (groups < 1 || input.Rank < 3 || input.Shape[1] == OnnxImportValue.Unknown || input.Shape[1] % groups != 0)
            throw node.Refuse($"its {groups} groups do not fit an input of shape [{string.Join(", ", input.Shape)}]");
        long channels = input.Shape[1];
        GroupNorm module = nn.GroupNorm(groups, channels, epsilon);
        if (scale.Shape is [long count] && count == channels)
        {
            Affine(node, module, scale, node.Input(2));
            return;
        }

        // Opset 18 had one factor and offset per group.
        using IDisposable noGradients = no_grad();
        Repeat(node, scale, module.weight, groups);
        Repeat(node, node.Input(2), module.bias!, groups);
        node.Result(module, input.Shape);
    }

    public static void Layer(OnnxNodeImport node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        if (node.Int("stash_type", 1) != 1)
            throw node.Refuse("its stash_type is not float32");
        OnnxImportValue input = node.Input(0);
        int axis = Shapes.Axis(node.Int("axis", -1), input.Rank, node);
        long[] shape = [.. input.Shape.Skip(axis)];
        OnnxImportValue scale = node.Input(1);
        if (scale.Rank == shape.Length && scale.IsConstant)
            shape = [.. shape.Select((length, i) => length == OnnxImportValue.Unknown ? scale.Shape[i] : length)];
        if (!Shapes.IsKnown(shape) || !scale.Shape.SequenceEqual(shape))
            throw node.Refuse($"its factors of shape [{string.Join(", ", scale.Shape)}] do not fit [{string.Join(", ", shape)}]");
        LayerNorm module = nn.LayerNorm(shape, epsilon, bias: node.Has(2));
        node.Load(scale, module.weight);
        if (node.Has(2))
            node.Load(node.Input(2), module.bias!);
        node.Result(module, input.Shape);
    }

    private static void Affine(OnnxNodeImport node, GroupNorm module, OnnxImportValue scale, OnnxImportValue offset)
    {
        node.Load(scale, module.weight);
        node.Load(offset, module.bias!);
        node.Result(module, node.Input(0).Shape);
    }

    private static void Repeat(OnnxNodeImport node, OnnxImportValue value, Parameter destination, long groups)
    {
        using Tensor stored = node.ToTensor(value);
        if (stored.NumberOfElements != groups)
            throw node.Refuse($"its input '{value.Name}' has {stored.NumberOfElements} values for {groups} groups");
        using Tensor column = stored.reshape(groups, 1);
        using Tensor repeated = column.expand(groups, destination.NumberOfElements / groups);
        using Tensor flat = repeated.reshape(-1);
        destination.copy_(flat);
    }

    // Constants say how many channels there are where the input's shape does not.
    private static long Channels(OnnxNodeImport node, OnnxImportValue input, OnnxImportValue values)
    {
        if (input.Rank < 2 || values.Shape is not [long channels] || channels < 1)
            throw node.Refuse($"its values per channel have the shape [{string.Join(", ", values.Shape)}] and its input [{string.Join(", ", input.Shape)}]");
        return input.Shape[1] == OnnxImportValue.Unknown || input.Shape[1] == channels
            ? channels
            : throw node.Refuse($"it normalises {channels} channels, but its input has {input.Shape[1]}");
    }
}
