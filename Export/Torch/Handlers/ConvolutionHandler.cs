using AlexNetMl.Onnx;
using TorchSharp;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Convolution of pictures.</summary>
internal static class ConvolutionHandler
{
    public static OnnxValue Export(Conv2d module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, long height, long width) = context.Picture(input);
        if (module.padding_mode != PaddingModes.Zeros)
        {
            throw context.Refuse($"its padding mode is {module.padding_mode}, but an ONNX convolution pads with zeros only (PaddingModes.Zeros)");
        }

        long[] weight = module.weight.shape; // [out, in / groups, height, width]
        long groups = module.groups;
        if (weight[1] * groups != channels)
        {
            throw context.Refuse($"its kernels read {weight[1] * groups} channels, but it receives {input}");
        }

        (long Before, long After) vertical = Padding(module, weight, axis: 0);
        (long Before, long After) horizontal = Padding(module, weight, axis: 1);
        string[] inputs = module.bias is { } bias
            ? [input.Name, context.Weight("weight", module.weight), context.Weight("bias", bias)]
            : [input.Name, context.Weight("weight", module.weight)];
        return context.Result(
            "Conv",
            inputs,
            [weight[0], Length(module, weight, height, vertical, axis: 0), Length(module, weight, width, horizontal, axis: 1)],
            OnnxAttribute.Ints("kernel_shape", weight[2], weight[3]),
            OnnxAttribute.Ints("strides", module.stride),
            OnnxAttribute.Ints("dilations", module.dilation),
            OnnxAttribute.Ints("pads", vertical.Before, horizontal.Before, vertical.After, horizontal.After),
            OnnxAttribute.Int("group", groups));
    }

    // "same" keeps the size at stride 1 (torch allows no other); where the padding is odd, the larger half goes behind.
    private static (long Before, long After) Padding(Conv2d module, long[] weight, int axis)
    {
        if (module.padding_type == TorchSharp.Padding.Same)
        {
            long total = module.dilation[axis] * (weight[2 + axis] - 1);
            return (total / 2, total - (total / 2));
        }

        long each = module.padding?[axis] ?? 0; // null with Padding.Valid
        return (each, each);
    }

    private static long Length(Conv2d module, long[] weight, long length, (long Before, long After) padding, int axis)
    {
        long reach = (module.dilation[axis] * (weight[2 + axis] - 1)) + 1;
        long room = length + padding.Before + padding.After - reach;
        return room < 0 ? 0 : (room / module.stride[axis]) + 1;
    }
}
