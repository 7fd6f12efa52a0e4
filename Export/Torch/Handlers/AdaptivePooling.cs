using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Pooling to a given size: output i of n covers the positions from ⌊i·length / n⌋ to ⌈(i + 1)·length / n⌉.</summary>
internal static class AdaptivePooling
{
    public static OnnxValue Average(AdaptiveAvgPool1d module, OnnxValue input, OnnxModuleContext context)
        => Average([module.output_size], 1, input, context);

    public static OnnxValue Average(AdaptiveAvgPool2d module, OnnxValue input, OnnxModuleContext context)
        => Average(module.output_size, 2, input, context);

    public static OnnxValue Average(AdaptiveAvgPool3d module, OnnxValue input, OnnxModuleContext context)
        => Average(module.output_size, 3, input, context);

    /// <summary>
    /// Windows of different sizes become windows of the largest size: the positions are written down one by one, and a smaller window
    /// has one twice, which no maximum minds.
    /// </summary>
    public static OnnxValue Max(AdaptiveMaxPool2d module, OnnxValue input, OnnxModuleContext context)
    {
        long[] lengths = Maps.Lengths(input, 2, context);
        long[] output = Sizes(module.output_size, lengths, context);
        if (output.All(size => size == 1))
        {
            return context.Result("GlobalMaxPool", [input.Name], [input.RowShape[0], 1, 1]);
        }

        if (output.SequenceEqual(lengths))
        {
            return input;
        }

        OnnxValue source = input;
        long[] kernel = new long[2];
        for (int axis = 0; axis < 2; axis++)
        {
            (long length, long size) = (lengths[axis], output[axis]);
            (long From, long To)[] windows = Windows(length, size);
            kernel[axis] = windows.Max(w => w.To - w.From);
            if (length % size != 0)
            {
                long[] shape = [.. source.RowShape];
                shape[axis + 1] = size * kernel[axis];
                long[] positions = [.. windows.SelectMany(w => Enumerable.Range(0, (int)kernel[axis]).Select(i => Math.Min(w.From + i, w.To - 1)))];
                string suffix = axis == 0 ? "rows" : "columns";
                source = context.Helper(
                    suffix, "Gather", [source.Name, context.Constant(suffix, positions)], shape, OnnxAttribute.Int("axis", axis + 2));
            }
        }

        return context.Result(
            "MaxPool",
            [source.Name],
            [input.RowShape[0], .. output],
            OnnxAttribute.Ints("kernel_shape", kernel),
            OnnxAttribute.Ints("strides", kernel));
    }

    private static OnnxValue Average(long[] outputSize, int axes, OnnxValue input, OnnxModuleContext context)
    {
        long[] lengths = Maps.Lengths(input, axes, context);
        long[] output = Sizes(outputSize, lengths, context);
        long channels = input.RowShape[0];
        if (output.All(size => size == 1))
        {
            return context.Result("GlobalAveragePool", [input.Name], [channels, .. output]);
        }

        if (output.SequenceEqual(lengths))
        {
            return input;
        }

        if (output.Zip(lengths).All(axis => axis.Second % axis.First == 0))
        {
            long[] window = [.. output.Zip(lengths, (size, length) => length / size)];
            return context.Result(
                "AveragePool",
                [input.Name],
                [channels, .. output],
                OnnxAttribute.Ints("kernel_shape", window),
                OnnxAttribute.Ints("strides", window));
        }

        return Products(lengths, output, input, context);
    }

    // The mean over a box is the mean of means along its axes, and each of those a product with a matrix: one axis after the other, the last
    // one from the right, the ones before it from the left with everything behind them as columns.
    private static OnnxValue Products(long[] lengths, long[] output, OnnxValue input, OnnxModuleContext context)
    {
        int last = lengths.Length - 1;
        int[] axes = [.. Enumerable.Range(0, lengths.Length).Where(axis => output[axis] != lengths[axis])];
        OnnxValue value = input;
        foreach (int axis in axes)
        {
            string weights = context.Constant(
                $"means{axis}",
                axis == last ? [lengths[axis], output[axis]] : [output[axis], lengths[axis]],
                Matrix(lengths[axis], output[axis], transposed: axis != last));
            long[] shape = [.. value.RowShape];
            shape[axis + 1] = output[axis];
            bool columns = axis < last - 1; // more than one axis behind this one
            bool isResult = axis == axes[^1];
            if (columns)
            {
                long behind = shape.Skip(axis + 2).Aggregate(1L, (a, b) => a * b);
                long[] flat = [.. value.RowShape.Take(axis + 2), behind];
                value = context.Helper($"flat{axis}", "Reshape", [value.Name, context.Constant($"flat{axis}", [0, .. flat])], flat);
                flat[axis + 1] = output[axis];
                value = context.Helper($"pooled{axis}", "MatMul", [weights, value.Name], flat);
                string[] inputs = [value.Name, context.Constant($"shape{axis}", [0, .. shape])];
                value = isResult ? context.Result("Reshape", inputs, shape) : context.Helper($"shaped{axis}", "Reshape", inputs, shape);
            }
            else
            {
                string[] inputs = axis == last ? [value.Name, weights] : [weights, value.Name];
                value = isResult ? context.Result("MatMul", inputs, shape) : context.Helper($"pooled{axis}", "MatMul", inputs, shape);
            }
        }

        return value;
    }

    /// <summary>The matrix whose product with an axis is the means over its windows: [length, size], transposed [size, length].</summary>
    public static float[] Matrix(long length, long size, bool transposed)
    {
        float[] matrix = new float[length * size];
        (long From, long To)[] windows = Windows(length, size);
        for (long i = 0; i < size; i++)
        {
            (long from, long to) = windows[i];
            for (long position = from; position < to; position++)
            {
                matrix[transposed ? (i * length) + position : (position * size) + i] = 1f / (to - from);
            }
        }

        return matrix;
    }

    private static (long From, long To)[] Windows(long length, long size)
        => [.. Enumerable.Range(0, (int)size).Select(i => (i * length / size, (((i + 1) * length) + size - 1) / size))];

    private static long[] Sizes(long[] outputSize, long[] lengths, OnnxModuleContext context)
    {
        long[] output = Maps.Each(outputSize, lengths.Length, 1);
        return output.All(size => size is >= 1 and <= short.MaxValue)
            ? output
            : throw context.Refuse($"its output is [{string.Join(", ", output)}], but sizes are 1 to {short.MaxValue}");
    }
}
