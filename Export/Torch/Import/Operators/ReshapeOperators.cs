using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>The same values in another shape or order.</summary>
internal static class ReshapeOperators
{
    private const long Unknown = OnnxImportValue.Unknown;

    public static void Flatten(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long given = node.Int("axis", 1);
        int axis = given == input.Rank ? input.Rank : Shapes.Axis(given, input.Rank, node);
        long[] shape = [Shapes.Product(input.Shape.Take(axis)), Shapes.Product(input.Shape.Skip(axis))];
        if (axis == 1 && input.Rank > 1)
            node.Result(nn.Flatten(), shape);
        else if (axis == 0)
            node.Result(new Reshape(1, -1), shape);
        else if (shape[1] != Unknown)
            node.Result(new Reshape(-1, shape[1]), shape);
        else if (shape[0] != Unknown)
            node.Result(new Reshape(shape[0], -1), shape);
        else
            throw node.Refuse($"it flattens from axis {axis} on, where lengths on both sides are not known");
    }

    public static void Reshape(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] target = [.. node.Ints("shape") ?? node.OpenLongs(node.Input(1))];
        bool zeroIsZero = node.Int("allowzero", 0) != 0;
        if (zeroIsZero && Array.IndexOf(target, 0) is >= 0 and var zero)
            target[zero] = -1; // what is left of no elements
        if (target.Any(length => length < -1 && length != OnnxImportValue.UnknownNumber) || target.Count(length => length == -1) > 1)
            throw node.Refuse($"its shape is [{string.Join(", ", target)}]");
        target = KeepBatch(Open(target, node), input);
        long[] shape = Result(target, input, node);

        // A length that can be computed now says more than "what is left".
        target = [.. target.Select((length, axis) => length == -1 && shape[axis] != Unknown && target[0] == 0 ? shape[axis] : length)];
        if (target.Length == 2 && target[0] == 0 && input.Rank >= 2 && IsRest(input, shape[1]))
            node.Result(nn.Flatten(), shape);
        else
            node.Result(new Reshape(target), shape);
    }

    public static void Squeeze(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] axes = node.Ints("axes") ?? (node.Has(1) ? node.Longs(node.Input(1)) : null)
            ?? (Shapes.IsKnown(input.Shape.Skip(1)) ? [.. Enumerable.Range(0, input.Rank).Where(axis => input.Shape[axis] == 1).Select(axis => (long)axis)]
                : throw node.Refuse("it leaves out axes of length 1, but not all lengths are known"));
        axes = Shapes.Axes(axes, input.Rank, node);
        if (axes.Any(axis => input.Shape[(int)axis] is not (1 or Unknown)))
            throw node.Refuse($"it leaves out axes [{string.Join(", ", axes)}] of [{string.Join(", ", input.Shape)}]");
        node.Result(new Squeeze(axes), [.. input.Shape.Where((_, axis) => !axes.Contains(axis))]);
    }

    public static void Unsqueeze(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] axes = node.Ints("axes") ?? node.Longs(node.Input(1));
        axes = Shapes.Axes(axes, checked(input.Rank + axes.Length), node);
        List<long> shape = [.. input.Shape];
        foreach (long axis in axes.Order())
            shape.Insert((int)axis, 1);
        node.Result(new Unsqueeze(axes), shape);
    }

    public static void Transpose(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        long[] order = node.Ints("perm") ?? [.. Enumerable.Range(0, input.Rank).Reverse().Select(axis => (long)axis)];
        if (order.Length != input.Rank)
            throw node.Refuse($"its order [{string.Join(", ", order)}] is none of {input.Rank} axes");
        order = Shapes.Axes(order, input.Rank, node);
        node.Result(new Permutation(order), [.. order.Select(axis => input.Shape[(int)axis])]);
    }

    // A length that is not known until the network runs is that of the input's same axis, or what is left.
    private static long[] Open(long[] target, OnnxNodeImport node)
    {
        long[] open = [.. target.Select((length, axis) => length != OnnxImportValue.UnknownNumber ? length : axis == 0 ? 0 : -1)];
        return open.Count(length => length == -1) <= 1 ? open : throw node.Refuse("its shape depends on more than one length that is not known");
    }

    // Rows stay rows, whatever batch the file was written for: 1 or -1 in front means the input's own where the rest of a row fits.
    private static long[] KeepBatch(long[] target, OnnxImportValue input)
    {
        if (target.Length == 0 || input.Rank == 0 || target[0] == 0 || (target[0] != -1 && target[0] != input.Shape[0]))
            return target;
        long row = Shapes.Product(input.Shape.Skip(1));
        long[] rest = target[1..];
        if (rest.Contains(0))
            return target;
        bool fits = rest.Contains(-1) ? target[0] != -1 : row != Unknown && Shapes.Product(rest) == row;
        return fits ? [0, .. rest] : target;
    }

    private static long[] Result(long[] target, OnnxImportValue input, OnnxNodeImport node)
    {
        long[] shape = new long[target.Length];
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == 0 && i >= input.Rank)
                throw node.Refuse($"its shape [{string.Join(", ", target)}] keeps an axis that [{string.Join(", ", input.Shape)}] does not have");
            shape[i] = target[i] == 0 ? input.Shape[i] : target[i];
        }

        // Axes that are kept cancel out, known or not.
        int open = Array.IndexOf(target, -1);
        long before = Shapes.Product(input.Shape.Where((_, axis) => axis >= target.Length || target[axis] != 0));
        long after = Shapes.Product(shape.Where((_, axis) => target[axis] > 0));
        if (open >= 0)
        {
            if (before != Unknown && (after == 0 || before % after != 0))
                throw node.Refuse($"it makes [{string.Join(", ", target)}] of [{string.Join(", ", input.Shape)}]");
            shape[open] = before == Unknown ? Unknown : before / after;
        }
        else if (before != Unknown && before != after)
        {
            throw node.Refuse($"it makes [{string.Join(", ", target)}] of [{string.Join(", ", input.Shape)}]");
        }

        return shape;
    }

    private static bool IsRest(OnnxImportValue input, long length) => length == Shapes.Product(input.Shape.Skip(1));
}
