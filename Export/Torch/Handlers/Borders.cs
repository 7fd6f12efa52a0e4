using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Maps with a border of one value.</summary>
/// <remarks>
/// ONNX Runtime's optimiser (PadFusion, up to 1.29 at least) adds a Pad of zeros to the pads of a pooling behind it. There a border does
/// not mean zeros: a maximum never sees it, an average does not count it, and a border as wide as the kernel makes the model fail to
/// load. The optimiser looks for the bits of +0 and for a pads attribute on the pooling; so borders are written as -0, the same number,
/// and poolings without padding have no such attribute.
/// </remarks>
internal static class Borders
{
    public const float Zero = -0f;

    public static OnnxValue Export(PadBase module, OnnxValue input, OnnxModuleContext context)
    {
        // Pairs of before and after, the last axis first.
        long[] padding = module.padding;
        int axes = padding.Length / 2;
        Maps.Lengths(input, axes, context);
        long[] before = [.. Enumerable.Range(1, axes).Select(back => padding[2 * (axes - back)])];
        long[] after = [.. Enumerable.Range(1, axes).Select(back => padding[(2 * (axes - back)) + 1])];
        (string[] inputs, long[] shape) = Parts(input, before, after, module.value == 0 ? Zero : (float)module.value, context);
        return context.Result("Pad", inputs, shape, OnnxAttribute.String("mode", "constant"));
    }

    /// <summary>A border in front of a layer that cannot say it in its own attributes.</summary>
    /// <param name="input">Maps.</param>
    /// <param name="before">How much goes in front, per axis behind the channels.</param>
    /// <param name="after">How much goes behind.</param>
    /// <param name="value">What the border holds.</param>
    /// <param name="context">Takes the node.</param>
    public static OnnxValue Helper(OnnxValue input, long[] before, long[] after, float value, OnnxModuleContext context)
    {
        (string[] inputs, long[] shape) = Parts(input, before, after, value, context);
        return context.Helper("pad", "Pad", inputs, shape, OnnxAttribute.String("mode", "constant"));
    }

    private static (string[] Inputs, long[] Shape) Parts(OnnxValue input, long[] before, long[] after, float value, OnnxModuleContext context)
    {
        string amounts = context.Constant("pads", [0, 0, .. before, 0, 0, .. after]);
        string filling = context.Constant("padding", [], new[] { value });
        long[] shape = [input.RowShape[0], .. before.Select((amount, axis) => input.RowShape[axis + 1] + amount + after[axis])];
        return ([input.Name, amounts, filling], shape);
    }
}
