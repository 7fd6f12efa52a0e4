using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Pictures with a border.</summary>
/// <remarks>
/// ONNX Runtime's optimiser (PadFusion, up to 1.29 at least) adds a Pad of zeros to the pads of a pooling behind it. There a border does
/// not mean zeros: a maximum never sees it, an average does not count it, and a border as wide as the kernel makes the model fail to
/// load. The optimiser looks for the bits of +0 and for a pads attribute on the pooling; so borders are written as -0, the same number,
/// and poolings without padding have no such attribute.
/// </remarks>
internal static class ZeroPadding
{
    public const float Zero = -0f;

    public static OnnxValue Export(ZeroPad2d module, OnnxValue input, OnnxModuleContext context)
    {
        long[] padding = module.padding; // left, right, top, bottom
        (string[] inputs, long[] shape) = Parts(input, [padding[2], padding[0], padding[3], padding[1]], Zero, context);
        return context.Result("Pad", inputs, shape, OnnxAttribute.String("mode", "constant"));
    }

    /// <summary>A border in front of a layer that cannot say it in its own attributes.</summary>
    /// <param name="input">Pictures.</param>
    /// <param name="pads">Top, left, bottom, right.</param>
    /// <param name="value">What the border holds.</param>
    /// <param name="context">Takes the node.</param>
    public static OnnxValue Helper(OnnxValue input, long[] pads, float value, OnnxModuleContext context)
    {
        (string[] inputs, long[] shape) = Parts(input, pads, value, context);
        return context.Helper("pad", "Pad", inputs, shape, OnnxAttribute.String("mode", "constant"));
    }

    private static (string[] Inputs, long[] Shape) Parts(OnnxValue input, long[] pads, float value, OnnxModuleContext context)
    {
        (long channels, long height, long width) = context.Picture(input);
        string amounts = context.Constant("pads", 0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]);
        string filling = context.Constant("padding", [], new[] { value });
        return ([input.Name, amounts, filling], [channels, height + pads[0] + pads[2], width + pads[1] + pads[3]]);
    }
}
