using AlexNetMl.Onnx;
using TorchSharp.Modules;

namespace AlexNetMl.Export;

/// <summary>Axes joined and split.</summary>
internal static class ShapeHandlers
{
    public static OnnxValue Flatten(Flatten module, OnnxValue input, OnnxModuleContext context)
    {
        int first = Axis(module.start_dim, input);
        int last = Axis(module.end_dim, input);
        if (first < 1 || last < first || last >= input.Rank)
        {
            throw context.Refuse(
                $"it joins the axes {module.start_dim} to {module.end_dim} of {input}, but axes after the batch are joined (1 to -1 joins them all)");
        }

        long joined = input.RowShape.Skip(first - 1).Take(last - first + 1).Aggregate(1L, (a, b) => a * b);
        return first == 1 && last == input.Rank - 1
            ? context.Result("Flatten", [input.Name], [joined], OnnxAttribute.Int("axis", 1))
            : Reshape(input, [.. input.RowShape.Take(first - 1), joined, .. input.RowShape.Skip(last)], context);
    }

    public static OnnxValue Unflatten(Unflatten module, OnnxValue input, OnnxModuleContext context)
    {
        int axis = Axis(module.dim, input);
        if (axis < 1 || axis >= input.Rank)
        {
            throw context.Refuse($"it splits axis {module.dim} of {input}, but an axis after the batch is split (1 to {input.Rank - 1})");
        }

        long[] sizes = [.. module.unflattened_size];
        long whole = input.RowShape[axis - 1];
        long known = sizes.Where(size => size >= 0).Aggregate(1L, (a, b) => a * b);
        if (Array.IndexOf(sizes, -1) is >= 0 and int open && known > 0)
        {
            sizes[open] = whole / known;
        }

        if (sizes.Any(size => size < 0) || sizes.Aggregate(1L, (a, b) => a * b) != whole)
        {
            throw context.Refuse($"it splits {whole} values of {input} into [{string.Join(", ", module.unflattened_size)}]");
        }

        return Reshape(input, [.. input.RowShape.Take(axis - 1), .. sizes, .. input.RowShape.Skip(axis)], context);
    }

    private static OnnxValue Reshape(OnnxValue input, long[] rowShape, OnnxModuleContext context)
        => context.Result("Reshape", [input.Name, context.Constant("shape", [0, .. rowShape])], rowShape);

    private static int Axis(long dim, OnnxValue input) => (int)(dim < 0 ? dim + input.Rank : dim);
}
