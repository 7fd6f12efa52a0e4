using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Conv over signals, pictures and volumes.</summary>
internal static class ConvolutionOperators
{
    public static void Conv(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        OnnxImportValue weight = node.Input(1);
        if (!weight.IsConstant)
            throw node.Refuse("its weight is computed when the network runs");
        if (weight.Rank != input.Rank || weight.Rank < 3)
            throw node.Refuse($"its weight has {weight.Rank} axes and its input {input.Rank}");
        long[] kernel = [.. weight.Shape.Skip(2)];
        WindowSettings window = WindowSettings.Read(node, kernel);
        long groups = node.Int("group", 1);
        long outputs = weight.Shape[0];
        if (groups < 1 || outputs < 1 || outputs % groups != 0 || weight.Shape[1] < 1)
            throw node.Refuse($"its weight of shape [{string.Join(", ", weight.Shape)}] does not fit {groups} groups");
        long channels = checked(weight.Shape[1] * groups);
        if (input.Shape[1] != OnnxImportValue.Unknown && input.Shape[1] != channels)
            throw node.Refuse($"its kernels read {channels} channels, but its input has {input.Shape[1]}");
        long[] shape = [input.Shape[0], outputs, .. window.Counts(input, ceiling: false, node)];
        if (!window.IsSymmetric)
        {
            input = PaddingOperators.Around(node, window, 0);
            window = window.WithoutPadding();
        }

        bool hasBias = node.Has(2);
        Convolution module = Create(channels, outputs, window, groups, hasBias);
        node.Load(weight, module.weight);
        if (hasBias)
            node.Load(node.Input(2), module.bias!);
        node.Result(module, [input], shape);
    }

    private static Convolution Create(long channels, long outputs, WindowSettings window, long groups, bool hasBias)
    {
        long[] k = window.Kernel;
        long[] s = window.Stride;
        long[] p = window.Before;
        long[] d = window.Dilation;
        return k.Length switch
        {
            1 => nn.Conv1d(channels, outputs, k[0], s[0], p[0], d[0], groups: groups, bias: hasBias),
            2 => nn.Conv2d(channels, outputs, (k[0], k[1]), (s[0], s[1]), (p[0], p[1]), (d[0], d[1]), groups: groups, bias: hasBias),
            _ => nn.Conv3d(channels, outputs, (k[0], k[1], k[2]), (s[0], s[1], s[2]), (p[0], p[1], p[2]), (d[0], d[1], d[2]), groups: groups, bias: hasBias),
        };
    }
}
