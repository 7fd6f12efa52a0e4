using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>Tensors put together and taken apart.</summary>
internal static class PartOperators
{
    public static void Concat(OnnxNodeImport node)
    {
        IReadOnlyList<OnnxImportValue> inputs = node.Inputs();
        int axis = Shapes.Axis(node.Int("axis", 1), inputs[0].Rank, node);
        if (inputs.Count == 1)
        {
            node.Alias(inputs[0]);
            return;
        }

        long[] shape = [.. inputs[0].Shape];
        foreach (OnnxImportValue next in inputs.Skip(1))
        {
            if (next.Rank != shape.Length)
                throw node.Refuse($"it joins tensors of {shape.Length} and {next.Rank} axes");
            for (int i = 0; i < shape.Length; i++)
            {
                long length = next.Shape[i];
                if (i == axis)
                    shape[i] = shape[i] == OnnxImportValue.Unknown || length == OnnxImportValue.Unknown ? OnnxImportValue.Unknown : checked(shape[i] + length);
                else if (shape[i] == OnnxImportValue.Unknown)
                    shape[i] = length;
                else if (length != OnnxImportValue.Unknown && length != shape[i])
                    throw node.Refuse($"it joins axes of {shape[i]} and {length}");
            }
        }

        node.Result(axis == 0 ? new RowConcatenation() : new Concatenation(axis), inputs, shape);
    }

    public static void Slice(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        IReadOnlyList<Slice> slices = SliceSettings.Read(node, input.Rank);
        if (slices.Count == 0)
        {
            node.Alias(input);
            return;
        }

        for (int i = 0; i < slices.Count; i++)
        {
            long[] shape = Part(input, slices[i]);
            if (i == slices.Count - 1)
                node.Result(slices[i], [input], shape);
            else
                input = node.Helper($"{i}", slices[i], [input], shape);
        }
    }

    public static void Split(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        int axis = Shapes.Axis(node.Int("axis", 0), input.Rank, node);
        long whole = input.Shape[axis];
        long parts = node.Int("num_outputs", node.OutputCount);
        long[]? sizes = node.Ints("split") ?? (node.Has(1) ? node.Longs(node.Input(1)) : null);
        if (whole == OnnxImportValue.Unknown || parts != node.OutputCount || parts < 1)
            throw node.Refuse($"it splits an axis of unknown length, or into {parts} parts with {node.OutputCount} outputs");

        // Where the parts are not equal the last one is shorter (opset 18).
        long each = (whole + parts - 1) / parts;
        sizes ??= [.. Enumerable.Range(0, (int)parts).Select(i => Math.Clamp(whole - (i * each), 0, each))];
        if (sizes.Length != parts || sizes.Any(size => size < 0) || sizes.Sum() != whole)
            throw node.Refuse($"it splits {whole} into [{string.Join(", ", sizes)}]");
        long start = 0;
        for (int i = 0; i < parts; i++)
        {
            var slice = new Slice(axis, start, start + sizes[i]);
            if (node.IsUsed(i))
                node.Result(slice, [input], Part(input, slice), i);
            start += sizes[i];
        }
    }

    public static void Gather(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        OnnxImportValue indices = node.Input(1);
        int axis = Shapes.Axis(node.Int("axis", 0), input.Rank, node);
        long[] positions = node.Longs(indices);
        long length = input.Shape[axis];
        if (positions.Length == 0 || (length != OnnxImportValue.Unknown && positions.Any(position => position < -length || position >= length)))
            throw node.Refuse($"it gathers positions that an axis of {length} does not have, or none");
        node.Result(
            new Selection(axis, positions, indices.Shape), [input], [.. input.Shape.Take(axis), .. indices.Shape, .. input.Shape.Skip(axis + 1)]);
    }

    private static long[] Part(OnnxImportValue input, Slice slice)
    {
        long length = input.Shape[(int)slice.Axis];
        long[] shape = [.. input.Shape];
        shape[slice.Axis] = length == OnnxImportValue.Unknown ? length : slice.Range(length).Count;
        return shape;
    }
}
