using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Functions between layers.</summary>
internal static class ActivationOperators
{
    public static void Relu(OnnxNodeImport node) => node.Result(nn.ReLU(), node.Input(0).Shape);

    public static void Sigmoid(OnnxNodeImport node) => node.Result(nn.Sigmoid(), node.Input(0).Shape);

    public static void Tanh(OnnxNodeImport node) => node.Result(nn.Tanh(inplace: false), node.Input(0).Shape);

    public static void HardSwish(OnnxNodeImport node) => node.Result(nn.Hardswish(), node.Input(0).Shape);

    public static void LeakyRelu(OnnxNodeImport node) => node.Result(nn.LeakyReLU(node.Float("alpha", 0.01)), node.Input(0).Shape);

    public static void Elu(OnnxNodeImport node) => node.Result(nn.ELU(node.Float("alpha", 1)), node.Input(0).Shape);

    public static void Gelu(OnnxNodeImport node)
    {
        if (node.Text("approximate", "none") is not "none" and var form)
            throw node.Refuse($"its approximate is {form}, but torch's GELU is the exact one");
        node.Result(nn.GELU(), node.Input(0).Shape);
    }

    public static void HardSigmoid(OnnxNodeImport node)
    {
        double alpha = node.Float("alpha", 0.2);
        double beta = node.Float("beta", 0.5);
        node.Result((float)alpha == 1f / 6 && beta == 0.5 ? nn.Hardsigmoid() : new ScaledHardsigmoid(alpha, beta), node.Input(0).Shape);
    }

    public static void Clip(OnnxNodeImport node)
    {
        // The least and most float32 numbers, opset 6's defaults, are no limits.
        double? least = Limit(node, "min", 1);
        double? most = Limit(node, "max", 2);
        least = least is null or <= -float.MaxValue ? null : least;
        most = most is null or >= float.MaxValue ? null : most;
        node.Result((least, most) is (0, 6) ? nn.ReLU6() : new Clamp(least, most), node.Input(0).Shape);
    }

    public static void PRelu(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        OnnxImportValue slope = node.Input(1);
        if (!slope.IsConstant)
            throw node.Refuse("its slope is computed when the network runs");
        long count = Shapes.Product(slope.Shape);

        // [channels, 1, …] meets the channels; until opset 6 [channels] did.
        bool perChannel = input.Rank >= 2 && slope.Rank == (node.Opset < 7 ? 1 : input.Rank - 1) && slope.Shape[0] == count;
        if (count == 1 || (perChannel && count == input.Shape[1]))
        {
            PReLU module = nn.PReLU(count);
            node.Load(slope, module.weight);
            node.Result(module, input.Shape);
            return;
        }

        if (!Shapes.Broadcast(input.Shape, slope.Shape, node).SequenceEqual(input.Shape))
            throw node.Refuse($"its slope of shape [{string.Join(", ", slope.Shape)}] does not fit [{string.Join(", ", input.Shape)}]");
        var general = new BroadcastPReLU(slope.Shape);
        node.Load(slope, general.Weight);
        node.Result(general, input.Shape);
    }

    private static double? Limit(OnnxNodeImport node, string name, int input)
        => node.HasAttribute(name) ? node.Float(name, 0) : node.Has(input) ? node.Number(node.Input(input)) : null;
}
