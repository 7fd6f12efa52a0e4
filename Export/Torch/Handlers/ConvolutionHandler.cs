using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Convolution of signals, pictures and volumes.</summary>
internal static class ConvolutionHandler
{
    public static OnnxValue Export(Convolution module, OnnxValue input, OnnxModuleContext context)
        => Export(module, module.weight, module.bias, input, context);

    public static OnnxValue Folded(FoldedConvolution module, OnnxValue input, OnnxModuleContext context)
    {
        (Tensor weight, Tensor bias) = module.Fold();
        return Export(module.Convolution, weight, bias, input, context);
    }

    private static OnnxValue Export(Convolution module, Tensor weights, Tensor? biases, OnnxValue input, OnnxModuleContext context)
    {
        long[] weight = module.weight.shape; // [out, in / groups, kernel…]
        int axes = weight.Length - 2;
        long[] lengths = Maps.Lengths(input, axes, context);
        long groups = module.groups;
        if (weight[1] * groups != input.RowShape[0])
        {
            throw context.Refuse($"its kernels read {weight[1] * groups} channels, but it receives {input}");
        }

        long[] before = new long[axes];
        long[] after = new long[axes];
        for (int axis = 0; axis < axes; axis++)
        {
            (before[axis], after[axis]) = Padding(module, weight, axis);
        }

        long[] padded = [.. lengths.Select((length, axis) => length + before[axis] + after[axis])];
        OnnxValue source = input;
        if (module.padding_mode is not (PaddingModes.Zeros or PaddingModes.Constant) && before.Concat(after).Any(p => p > 0))
        {
            source = Border(module.padding_mode, input, before, after, padded, context);
            before = new long[axes];
            after = new long[axes];
        }

        string[] inputs = biases is { } bias
            ? [source.Name, context.Weight("weight", weights), context.Weight("bias", bias)]
            : [source.Name, context.Weight("weight", weights)];
        return context.Result(
            "Conv",
            inputs,
            [weight[0], .. padded.Select((length, axis) => Windows(module, weight, length, axis))],
            OnnxAttribute.Ints("kernel_shape", weight.AsSpan(2)),
            OnnxAttribute.Ints("strides", module.stride),
            OnnxAttribute.Ints("dilations", module.dilation),
            OnnxAttribute.Ints("pads", [.. before, .. after]),
            OnnxAttribute.Int("group", groups));
    }

    // "same" keeps the size at stride 1 (torch allows no other); where the padding is odd, the larger half goes behind.
    private static (long Before, long After) Padding(Convolution module, long[] weight, int axis)
    {
        if (module.padding_type == TorchSharp.Padding.Same)
        {
            // With other borders than zeros TorchSharp gives the axes each other's padding, the last one the first one's.
            int own = module.padding_mode == PaddingModes.Zeros ? axis : weight.Length - 3 - axis;
            long total = module.dilation[own] * (weight[2 + own] - 1);
            return (total / 2, total - (total / 2));
        }

        long each = module.padding?[axis] ?? 0; // null with Padding.Valid
        return (each, each);
    }

    private static OnnxValue Border(
        PaddingModes mode, OnnxValue input, long[] before, long[] after, long[] padded, OnnxModuleContext context)
    {
        if (mode == PaddingModes.Circular && context.Opset < 19)
        {
            throw context.Refuse($"its padding mode is {mode}, which ONNX has from opset 19 on, but the opset is {context.Opset}; choose 19 or more");
        }

        AttributeProto kind = OnnxAttribute.String(
            "mode", mode switch { PaddingModes.Reflect => "reflect", PaddingModes.Replicate => "edge", _ => "wrap" });
        string amounts = context.Constant("pads", [0, 0, .. before, 0, 0, .. after]);
        return context.Helper("pad", "Pad", [input.Name, amounts], [input.RowShape[0], .. padded], kind);
    }

    private static long Windows(Convolution module, long[] weight, long padded, int axis)
    {
        long room = padded - (module.dilation[axis] * (weight[2 + axis] - 1)) - 1;
        return room < 0 ? 0 : (room / module.stride[axis]) + 1;
    }
}
