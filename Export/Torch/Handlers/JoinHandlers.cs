using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>Several tensors that become one.</summary>
internal static class JoinHandlers
{
    /// <summary>An operator over two tensors, repeated for more: runtimes fuse Add with the convolution before it, the variadic Sum they do not.</summary>
    public static OnnxValue Elementwise(string opType, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context)
    {
        OnnxValue value = inputs[0];
        for (int i = 1; i < inputs.Count; i++)
        {
            string[] pair = [value.Name, inputs[i].Name];
            IReadOnlyList<long> shape = Broadcast(value, inputs[i], context);
            value = i == inputs.Count - 1 ? context.Result(opType, pair, shape) : context.Helper($"{i}", opType, pair, shape);
        }

        return value;
    }

    public static OnnxValue Concatenation(Concatenation join, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context)
    {
        int axis = (int)join.dim - 1; // rows have no batch axis
        OnnxValue first = inputs[0];
        if (axis >= first.RowShape.Count || inputs.Any(input => !EqualBut(axis, first.RowShape, input.RowShape)))
            throw context.Refuse($"it joins {string.Join(" and ", inputs)} along dim {join.dim}; all other axes are equal");
        long[] shape = [.. first.RowShape];
        shape[axis] = inputs.Sum(input => input.RowShape[axis]);
        return context.Result("Concat", [.. inputs.Select(input => input.Name)], shape, OnnxAttribute.Int("axis", join.dim));
    }

    private static bool EqualBut(int axis, IReadOnlyList<long> a, IReadOnlyList<long> b)
        => a.Count == b.Count && Enumerable.Range(0, a.Count).All(i => i == axis || a[i] == b[i]);

    private static long[] Broadcast(OnnxValue a, OnnxValue b, OnnxModuleContext context)
    {
        bool fits = a.Rank == b.Rank && a.RowShape.Zip(b.RowShape).All(pair => pair.First == pair.Second || pair.First == 1 || pair.Second == 1);
        return fits
            ? [.. a.RowShape.Zip(b.RowShape, Math.Max)]
            : throw context.Refuse($"it joins {a} and {b}; axes are equal or 1");
    }
}
