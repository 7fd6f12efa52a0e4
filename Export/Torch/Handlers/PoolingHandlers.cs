using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Pooling of pictures.</summary>
/// <remarks>
/// Windows that hang over the end (<c>ceil_mode</c>) are written as padding of the exact size, not with ONNX's own ceil_mode: runtimes
/// have counted those windows, and their divisors, in different ways over the years. A pads attribute of zeros is left out: see <see
/// cref="ZeroPadding"/>.
/// </remarks>
internal static class PoolingHandlers
{
    public static OnnxValue Max(MaxPool2d module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, long height, long width) = context.Picture(input);
        long[] kernel = Pair(module.kernel_size, [1, 1]);
        long[] stride = Pair(module.stride, kernel);
        long[] padding = Pair(module.padding, [0, 0]);
        long[] dilation = Pair(module.dilation, [1, 1]);
        var rows = new PoolingWindow(height, kernel[0], stride[0], padding[0], dilation[0], module.ceil_mode);
        var columns = new PoolingWindow(width, kernel[1], stride[1], padding[1], dilation[1], module.ceil_mode);
        string source = input.Name;
        long[] pads = [padding[0], padding[1], padding[0] + rows.Overhang, padding[1] + columns.Overhang];

        // A pooling may pad by less than its kernel only; a dilated window can hang over further.
        if (pads[2] >= kernel[0] || pads[3] >= kernel[1])
        {
            source = ZeroPadding.Helper(input, pads, float.NegativeInfinity, context).Name;
            pads = [0, 0, 0, 0];
        }

        return context.Result(
            "MaxPool",
            [source],
            [channels, rows.Count, columns.Count],
            [
                OnnxAttribute.Ints("kernel_shape", kernel),
                OnnxAttribute.Ints("strides", stride),
                OnnxAttribute.Ints("dilations", dilation),
                .. Pads(pads),
            ]);
    }

    public static OnnxValue Average(AvgPool2d module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, long height, long width) = context.Picture(input);
        if (module.divisor_override is { } divisor)
        {
            throw context.Refuse($"its divisor_override is {divisor}, but an ONNX average divides by the number of values in the window (null)");
        }

        long[] kernel = Pair(module.kernel_size, [1, 1]);
        long[] stride = Pair(module.stride, kernel);
        long[] padding = Pair(module.padding, [0, 0]);
        var rows = new PoolingWindow(height, kernel[0], stride[0], padding[0], 1, module.ceil_mode);
        var columns = new PoolingWindow(width, kernel[1], stride[1], padding[1], 1, module.ceil_mode);
        string source = input.Name;
        long[] pads = [padding[0], padding[1], padding[0] + rows.Overhang, padding[1] + columns.Overhang];
        bool countsPadding = module.count_include_pad;
        if (countsPadding && (rows.Overhang > 0 || columns.Overhang > 0))
        {
            // The padding counts in torch's divisor, what hangs over it does not: the one becomes part of the picture, the other stays
            // padding.
            if (padding[0] > 0 || padding[1] > 0)
            {
                source = ZeroPadding.Helper(input, [padding[0], padding[1], padding[0], padding[1]], ZeroPadding.Zero, context).Name;
            }

            pads = [0, 0, rows.Overhang, columns.Overhang];
            countsPadding = false;
        }

        return context.Result(
            "AveragePool",
            [source],
            [channels, rows.Count, columns.Count],
            [
                OnnxAttribute.Ints("kernel_shape", kernel),
                OnnxAttribute.Ints("strides", stride),
                OnnxAttribute.Int("count_include_pad", countsPadding ? 1 : 0),
                .. Pads(pads),
            ]);
    }

    public static OnnxValue AdaptiveAverage(AdaptiveAvgPool2d module, OnnxValue input, OnnxModuleContext context)
    {
        (long channels, long height, long width) = context.Picture(input);
        long[] output = Pair(module.output_size, [1, 1]);
        if (output is [1, 1])
        {
            return context.Result("GlobalAveragePool", [input.Name], [channels, 1, 1]);
        }

        if (output[0] == height && output[1] == width)
        {
            return input;
        }

        if (output[0] < 1 || output[1] < 1 || height % output[0] != 0 || width % output[1] != 0)
        {
            throw context.Refuse(
                $"its output of {output[0]}×{output[1]} has windows of different sizes over {height}×{width}; choose an output that divides the input");
        }

        long[] window = [height / output[0], width / output[1]];
        return context.Result(
            "AveragePool",
            [input.Name],
            [channels, output[0], output[1]],
            OnnxAttribute.Ints("kernel_shape", window),
            OnnxAttribute.Ints("strides", window));
    }

    private static AttributeProto[] Pads(long[] pads) => pads.All(p => p == 0) ? [] : [OnnxAttribute.Ints("pads", pads)];

    // Torch's poolings hold null for a default and accept one number for both axes.
    private static long[] Pair(long[]? values, long[] otherwise) => values switch
    {
        null or [] => otherwise,
        [long both] => [both, both],
        _ => values,
    };
}
