using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Every row normalised in groups of channels (Wu and He 2018).</summary>
/// <remarks>
/// A group is a channel of InstanceNormalization once the maps are reshaped. ONNX's own GroupNormalization came with opset 18, with one
/// weight per group, and got weights per channel in opset 21 only.
/// </remarks>
internal static class GroupNormHandler
{
    public static OnnxValue Export(GroupNorm module, OnnxValue input, OnnxModuleContext context)
    {
        long groups = module.num_groups;
        if (input.RowShape.Count < 2)
        {
            throw context.Refuse($"it takes maps of shape [batch, channels, …], but receives {input}");
        }

        long channels = input.RowShape[0];
        if (channels % groups != 0)
        {
            throw context.Refuse($"its channels are in {groups} groups, but it receives {input}");
        }

        if (module.affine && module.weight.shape[0] != channels)
        {
            throw context.Refuse($"it normalises {module.weight.shape[0]} channels, but receives {input}");
        }

        long members = input.RowShape.Aggregate(1L, (a, b) => a * b) / groups;
        OnnxValue grouped = context.Helper(
            "grouped", "Reshape", [input.Name, context.Constant("groups", [0, groups, members])], [groups, members]);
        OnnxValue unit = context.Helper(
            "unit",
            "InstanceNormalization",
            [
                grouped.Name,
                context.Constant("scale", [groups], Channels.Filled(groups, 1)),
                context.Constant("offset", [groups], Channels.Filled(groups, 0)),
            ],
            [groups, members],
            OnnxAttribute.Float("epsilon", (float)module.eps));
        string[] ungrouped = [unit.Name, context.Constant("shape", [0, .. input.RowShape])];
        if (!module.affine)
        {
            return context.Result("Reshape", ungrouped, input.RowShape);
        }

        OnnxValue maps = context.Helper("maps", "Reshape", ungrouped, input.RowShape);
        string weight = Channels.Stretch("weights", context.Weight("weight", module.weight), input, context);
        OnnxValue scaled = context.Helper("scaled", "Mul", [maps.Name, weight], input.RowShape);
        string bias = Channels.Stretch("biases", context.Weight("bias", module.bias!), input, context);
        return context.Result("Add", [scaled.Name, bias], input.RowShape);
    }
}
