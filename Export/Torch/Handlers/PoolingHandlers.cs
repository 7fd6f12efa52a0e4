using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Pooling of signals, pictures and volumes.</summary>
/// <remarks>
/// Windows that hang over the end (<c>ceil_mode</c>) are written as padding of the exact size, not with ONNX's own ceil_mode: runtimes
/// have counted those windows, and their divisors, in different ways over the years. A pads attribute of zeros is left out: see <see
/// cref="Borders"/>.
/// </remarks>
internal static class PoolingHandlers
{
    public static OnnxValue Max(MaxPool1d module, OnnxValue input, OnnxModuleContext context)
        => Max([module.kernel_size], List(module.stride), List(module.padding), List(module.dilation), module.ceil_mode, 1, input, context);

    public static OnnxValue Max(MaxPool2d module, OnnxValue input, OnnxModuleContext context)
        => Max(module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode, 2, input, context);

    public static OnnxValue Max(MaxPool3d module, OnnxValue input, OnnxModuleContext context)
        => Max(module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode, 3, input, context);

    public static OnnxValue Average(AvgPool1d module, OnnxValue input, OnnxModuleContext context)
        => Average([module.kernel_size], List(module.stride), List(module.padding), module.ceil_mode, module.count_include_pad, null, 1, input, context);

    public static OnnxValue Average(AvgPool2d module, OnnxValue input, OnnxModuleContext context) => Average(
        module.kernel_size, module.stride, module.padding, module.ceil_mode, module.count_include_pad, module.divisor_override, 2, input, context);

    public static OnnxValue Average(AvgPool3d module, OnnxValue input, OnnxModuleContext context) => Average(
        module.kernel_size, module.stride, module.padding, module.ceil_mode, module.count_include_pad, module.divisor_override, 3, input, context);

    private static OnnxValue Max(
        long[] size, long[]? steps, long[]? border, long[]? distance, bool ceiling, int axes, OnnxValue input, OnnxModuleContext context)
    {
        long[] lengths = Maps.Lengths(input, axes, context);
        long[] kernel = Maps.Each(size, axes, 1);
        long[] stride = Maps.Each(steps, kernel);
        long[] padding = Maps.Each(border, axes, 0);
        long[] dilation = Maps.Each(distance, axes, 1);
        PoolingWindow[] windows =
            [.. lengths.Select((length, i) => new PoolingWindow(length, kernel[i], stride[i], padding[i], dilation[i], ceiling))];
        string source = input.Name;
        long[] after = [.. windows.Select((window, i) => padding[i] + window.Overhang)];
        AttributeProto[] pads = Pads(padding, after);

        // A pooling may pad by less than its kernel only; a dilated window can hang over further.
        if (after.Zip(kernel).Any(axis => axis.First >= axis.Second))
        {
            source = Borders.Helper(input, padding, after, float.NegativeInfinity, context).Name;
            pads = [];
        }

        return context.Result(
            "MaxPool",
            [source],
            [input.RowShape[0], .. windows.Select(window => window.Count)],
            [
                OnnxAttribute.Ints("kernel_shape", kernel),
                OnnxAttribute.Ints("strides", stride),
                OnnxAttribute.Ints("dilations", dilation),
                .. pads,
            ]);
    }

    private static OnnxValue Average(
        long[] size, long[]? steps, long[]? border, bool ceiling, bool countsPadding, long? divisor, int axes, OnnxValue input,
        OnnxModuleContext context)
    {
        long[] lengths = Maps.Lengths(input, axes, context);
        long[] kernel = Maps.Each(size, axes, 1);
        long[] stride = Maps.Each(steps, kernel);
        long[] padding = Maps.Each(border, axes, 0);
        PoolingWindow[] windows = [.. lengths.Select((length, i) => new PoolingWindow(length, kernel[i], stride[i], padding[i], 1, ceiling))];
        long[] shape = [input.RowShape[0], .. windows.Select(window => window.Count)];
        long[] before = padding;
        long[] overhang = [.. windows.Select(window => window.Overhang)];
        long[] after = [.. padding.Zip(overhang, (a, b) => a + b)];
        string source = input.Name;

        // What counts in torch's divisor becomes part of the picture; what does not (always the overhang, unless the divisor is given) stays
        // padding. ONNX could say count_include_pad, but OpenCV 4.6 does not listen.
        if (divisor is not null || (countsPadding && padding.Any(length => length > 0)))
        {
            long[] counted = divisor is null ? padding : after;
            if (counted.Any(length => length > 0))
            {
                source = Borders.Helper(input, padding, counted, Borders.Zero, context).Name;
            }

            before = new long[axes];
            after = divisor is null ? overhang : before;
        }

        AttributeProto[] attributes =
        [
            OnnxAttribute.Ints("kernel_shape", kernel),
            OnnxAttribute.Ints("strides", stride),
            .. Pads(before, after),
        ];
        if (divisor is not { } number)
        {
            return context.Result("AveragePool", [source], shape, attributes);
        }

        // Whatever lies outside is zero and counts, so that the average is the sum over the kernel's size.
        OnnxValue average = context.Helper("average", "AveragePool", [source], shape, attributes);
        float factor = (float)(kernel.Aggregate(1.0, (a, b) => a * b) / number);
        return context.Result("Mul", [average.Name, context.Constant("factor", [], new[] { factor })], shape);
    }

    private static AttributeProto[] Pads(long[] before, long[] after)
        => before.Concat(after).All(p => p == 0) ? [] : [OnnxAttribute.Ints("pads", [.. before, .. after])];

    private static long[]? List(long? value) => value is { } number ? [number] : null;
}
