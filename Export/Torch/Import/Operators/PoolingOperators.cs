using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Poolings over signals, pictures and volumes.</summary>
internal static class PoolingOperators
{
    public static void Max(OnnxNodeImport node)
    {
        node.Int("storage_order", 0); // about the second output, which is not supported
        bool ceiling = node.Int("ceil_mode", 0) != 0;
        WindowSettings window = WindowSettings.Read(node, kernel: null);
        OnnxImportValue input = node.Input(0);
        long[] shape = [input.Shape[0], input.Shape[1], .. window.Counts(input, ceiling, node)];
        if (!ceiling && window.IsHalfAtMost && window.IsCeiling(input))
        {
            ceiling = true;
        }
        else if (!window.IsSymmetric || !window.IsHalfAtMost)
        {
            input = PaddingOperators.Around(node, window, double.NegativeInfinity);
            window = window.WithoutPadding();
        }

        node.Result(Max(window, ceiling), [input], shape);
    }

    public static void Average(OnnxNodeImport node)
    {
        bool ceiling = node.Int("ceil_mode", 0) != 0;
        bool countsPadding = node.Int("count_include_pad", 0) != 0;
        WindowSettings window = WindowSettings.Read(node, kernel: null);
        if (window.Dilation.Any(distance => distance != 1))
            throw node.Refuse($"its dilations are [{string.Join(", ", window.Dilation)}], but torch averages adjacent values");
        OnnxImportValue input = node.Input(0);
        long[] shape = [input.Shape[0], input.Shape[1], .. window.Counts(input, ceiling, node)];
        if (!ceiling && !countsPadding && window.IsHalfAtMost && window.IsCeiling(input))
        {
            ceiling = true;
        }
        else if (!window.IsSymmetric || !window.IsHalfAtMost)
        {
            if (ceiling)
                throw node.Refuse("its ceil_mode comes with pads that differ, or exceed half the window");
            if (!countsPadding)
            {
                node.Result(new UnpaddedAverage(window.Kernel, window.Stride, window.Before, window.After), shape);
                return;
            }

            input = PaddingOperators.Around(node, window, 0);
            window = window.WithoutPadding();
        }

        node.Result(Average(window, ceiling, countsPadding), [input], shape);
    }

    public static void GlobalAverage(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] shape = [.. input.Shape.Take(2), .. Enumerable.Repeat(1L, Math.Max(0, input.Rank - 2))];
        node.Result(
            input.Rank switch
            {
                3 => nn.AdaptiveAvgPool1d(1),
                4 => nn.AdaptiveAvgPool2d(1),
                5 => nn.AdaptiveAvgPool3d(1),
                _ => throw node.Refuse($"its input has {input.Rank} axes, but 3 to 5 are supported"),
            },
            shape);
    }

    public static void GlobalMax(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        if (input.Rank < 3)
            throw node.Refuse($"its input has {input.Rank} axes, but maps have 3 at least");
        long[] axes = [.. Enumerable.Range(2, input.Rank - 2).Select(axis => (long)axis)];
        node.Result(
            input.Rank == 4 ? nn.AdaptiveMaxPool2d([1, 1]) : new Reduction(ReductionKind.Max, axes, keepAxes: true),
            [.. input.Shape.Take(2), .. axes.Select(_ => 1L)]);
    }

    private static nn.Module<Tensor, Tensor> Max(WindowSettings window, bool ceiling) => window.Axes switch
    {
        1 => nn.MaxPool1d(window.Kernel[0], window.Stride[0], window.Before[0], window.Dilation[0], ceiling),
        2 => nn.MaxPool2d(window.Kernel, window.Stride, window.Before, window.Dilation, ceiling),
        _ => nn.MaxPool3d(window.Kernel, window.Stride, window.Before, window.Dilation, ceiling),
    };

    private static nn.Module<Tensor, Tensor> Average(WindowSettings window, bool ceiling, bool countsPadding) => window.Axes switch
    {
        1 => nn.AvgPool1d(window.Kernel[0], window.Stride[0], window.Before[0], ceiling, countsPadding),
        2 => nn.AvgPool2d(window.Kernel, window.Stride, window.Before, ceiling, countsPadding),
        _ => nn.AvgPool3d(window.Kernel, window.Stride, window.Before, ceiling, countsPadding),
    };
}
