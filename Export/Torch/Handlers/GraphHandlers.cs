using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>The modules that imported networks are made of where torch has none.</summary>
internal static class GraphHandlers
{
    public static OnnxHandlerRegistry AddTo(OnnxHandlerRegistry registry) => registry
        .With<Elementwise>(static (module, input, context) => context.Result(module.Function.ToString(), [input.Name], input.RowShape))
        .With<Clamp>(Clamp)
        .With<ScaledHardsigmoid>(static (module, input, context) => context.Result(
            "HardSigmoid", [input.Name], input.RowShape, OnnxAttribute.Float("alpha", (float)module.alpha), OnnxAttribute.Float("beta", (float)module.beta)))
        .With<ConstantOperand>(Constant)
        .With<ChannelScale>(Scale)
        .With<BroadcastPReLU>(static (module, input, context) => Rows(module.Weight.shape, input, context) is var shape && shape.SequenceEqual(input.RowShape)
            ? context.Result("PRelu", [input.Name, context.Weight("weight", module.Weight)], shape)
            : throw context.Refuse($"its slopes of shape [{string.Join(", ", module.Weight.shape)}] do not fit {input}"))
        .With<Reshape>(Reshape)
        .With<Permutation>(Permute)
        .With<Squeeze>(Squeeze)
        .With<Unsqueeze>(Unsqueeze)
        .With<Slice>(Slice)
        .With<Selection>(Select)
        .With<Border>(Border)
        .With<Reduction>(Reduce)
        .With<UnpaddedAverage>(Average)
        .With<FlatSoftmax>(Softmax)
        .WithJoin<ArithmeticJoin>(Join);

    private static OnnxValue Clamp(Clamp module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Least is null && module.Most is null)
            return input;
        string[] inputs = [input.Name, module.Least is { } least ? context.Constant("least", [], new[] { (float)least }) : string.Empty];
        if (module.Most is { } most)
            inputs = [.. inputs, context.Constant("most", [], new[] { (float)most })];
        return context.Result("Clip", inputs, input.RowShape);
    }

    private static OnnxValue Constant(ConstantOperand module, OnnxValue input, OnnxModuleContext context)
    {
        string constant = context.Weight("constant", module.Constant);
        string[] inputs = module.ConstantFirst ? [constant, input.Name] : [input.Name, constant];
        long[] shape = module.Constant.shape;
        if (module.Operation != Arithmetic.MatrixProduct)
            return context.Result(OpType(module.Operation), inputs, Rows(shape, input, context));
        (IReadOnlyList<long> a, IReadOnlyList<long> b) = module.ConstantFirst ? (shape, Whole(input)) : ((IReadOnlyList<long>)Whole(input), shape);
        return context.Result("MatMul", inputs, Product(a, b, context));
    }

    private static OnnxValue Scale(ChannelScale module, OnnxValue input, OnnxModuleContext context)
    {
        if (input.RowShape.Count == 0 || input.RowShape[0] != module.Weight.shape[0])
            throw context.Refuse($"it scales {module.Weight.shape[0]} channels, but receives {input}");
        string factors = Channels.Stretch("factors", context.Weight("weight", module.Weight), input, context);
        if (module.Bias is null)
            return context.Result("Mul", [input.Name, factors], input.RowShape);
        OnnxValue scaled = context.Helper("scaled", "Mul", [input.Name, factors], input.RowShape);
        return context.Result("Add", [scaled.Name, Channels.Stretch("offsets", context.Weight("bias", module.Bias), input, context)], input.RowShape);
    }

    private static OnnxValue Reshape(Reshape module, OnnxValue input, OnnxModuleContext context)
    {
        IReadOnlyList<long> target = module.Shape;
        long whole = input.RowShape.Aggregate(1L, (a, b) => a * b);
        long[] rows = [.. target.Skip(1).Select((length, axis) => length == 0 && axis < input.RowShape.Count ? input.RowShape[axis] : length)];
        long known = rows.Where(length => length >= 0).Aggregate(1L, (a, b) => a * b);
        if (Array.IndexOf(rows, -1) is >= 0 and var open && known > 0)
            rows[open] = whole / known;
        if (target.Count == 0 || target[0] is not (0 or -1) || rows.Aggregate(1L, (a, b) => a * b) != whole)
            throw context.Refuse($"it makes [{string.Join(", ", target)}] of {input}; rows of a batch stay rows (0 in front)");
        return context.Result("Reshape", [input.Name, context.Constant("shape", [0, .. rows])], rows);
    }

    private static OnnxValue Permute(Permutation module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Axes.Count != input.Rank || module.Axes[0] != 0)
            throw context.Refuse($"it orders the axes of {input} as [{string.Join(", ", module.Axes)}]; the batch stays in front");
        return context.Result(
            "Transpose", [input.Name], [.. module.Axes.Skip(1).Select(axis => input.RowShape[(int)axis - 1])], OnnxAttribute.Ints("perm", [.. module.Axes]));
    }

    private static OnnxValue Squeeze(Squeeze module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Axes.Any(axis => axis < 1 || axis >= input.Rank || input.RowShape[(int)axis - 1] != 1))
            throw context.Refuse($"it leaves out axes [{string.Join(", ", module.Axes)}] of {input}, but axes of length 1 behind the batch can be left out");
        return context.Result(
            "Squeeze", [input.Name, context.Constant("axes", [.. module.Axes.Order()])], [.. input.RowShape.Where((_, axis) => !module.Axes.Contains(axis + 1))]);
    }

    private static OnnxValue Unsqueeze(Unsqueeze module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Axes.Any(axis => axis < 1 || axis >= input.Rank + module.Axes.Count))
            throw context.Refuse($"it puts axes at [{string.Join(", ", module.Axes)}] of {input}, but the batch stays in front");
        List<long> shape = [.. input.RowShape];
        foreach (long axis in module.Axes)
            shape.Insert((int)axis - 1, 1);
        return context.Result("Unsqueeze", [input.Name, context.Constant("axes", [.. module.Axes])], shape);
    }

    private static OnnxValue Slice(Slice module, OnnxValue input, OnnxModuleContext context)
    {
        int axis = RowAxis(module.Axis, input, context);
        long[] shape = [.. input.RowShape];
        shape[axis] = module.Range(shape[axis]).Count;
        string[] settings =
        [
            context.Constant("start", module.Start), context.Constant("end", module.End), context.Constant("axis", module.Axis), context.Constant("step", module.Step),
        ];
        return context.Result("Slice", [input.Name, .. settings], shape);
    }

    private static OnnxValue Select(Selection module, OnnxValue input, OnnxModuleContext context)
    {
        int axis = RowAxis(module.Axis, input, context);
        long[] shape = [.. input.RowShape.Take(axis), module.Indices.Count, .. input.RowShape.Skip(axis + 1)];
        string[] inputs = [input.Name, context.Constant("indices", [.. module.Indices])];
        if (module.Shape.Count == 1)
            return context.Result("Gather", inputs, shape, OnnxAttribute.Int("axis", module.Axis));
        OnnxValue selected = context.Helper("selected", "Gather", inputs, shape, OnnxAttribute.Int("axis", module.Axis));
        shape = [.. input.RowShape.Take(axis), .. module.Shape, .. input.RowShape.Skip(axis + 1)];
        return context.Result("Reshape", [selected.Name, context.Constant("shape", [0, .. shape])], shape);
    }

    private static OnnxValue Border(Border module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Before.Count != input.Rank || module.Before[0] != 0 || module.After[0] != 0)
            throw context.Refuse($"it pads {module.Before.Count} axes of {input}, or the batch");
        string mode = module.Mode switch
        {
            PaddingModes.Reflect => "reflect",
            PaddingModes.Replicate => "edge",
            _ => "constant",
        };
        string amounts = context.Constant("pads", [.. module.Before, .. module.After]);
        string filling = context.Constant("padding", [], new[] { module.Value == 0 ? Borders.Zero : (float)module.Value });
        long[] shape = [.. input.RowShape.Select((length, axis) => length + module.Before[axis + 1] + module.After[axis + 1])];
        return context.Result("Pad", mode == "constant" ? [input.Name, amounts, filling] : [input.Name, amounts], shape, OnnxAttribute.String("mode", mode));
    }

    // The axes of a sum are an input from opset 13 on, those of the others from 18.
    private static OnnxValue Reduce(Reduction module, OnnxValue input, OnnxModuleContext context)
    {
        if (module.Axes.Any(axis => axis < 1 || axis >= input.Rank))
            throw context.Refuse($"it reduces the axes [{string.Join(", ", module.Axes)}] of {input}, but rows of a batch stay apart");
        long[] shape = module.KeepAxes
            ? [.. input.RowShape.Select((length, axis) => module.Axes.Contains(axis + 1) ? 1 : length)]
            : [.. input.RowShape.Where((_, axis) => !module.Axes.Contains(axis + 1))];
        string opType = $"Reduce{module.Kind}";
        AttributeProto keeps = OnnxAttribute.Int("keepdims", module.KeepAxes ? 1 : 0);
        return module.Kind == ReductionKind.Sum || context.Opset >= 18
            ? context.Result(opType, [input.Name, context.Constant("axes", [.. module.Axes])], shape, keeps)
            : context.Result(opType, [input.Name], shape, OnnxAttribute.Ints("axes", [.. module.Axes]), keeps);
    }

    private static OnnxValue Average(UnpaddedAverage module, OnnxValue input, OnnxModuleContext context)
    {
        int axes = module.Kernel.Count;
        long[] lengths = Maps.Lengths(input, axes, context);
        PoolingWindow[] windows =
        [
            .. lengths.Select((length, i) => new PoolingWindow(length + module.Before[i] + module.After[i], module.Kernel[i], module.Stride[i], 0, 1, Ceiling: false)),
        ];
        return context.Result(
            "AveragePool",
            [input.Name],
            [input.RowShape[0], .. windows.Select(window => window.Count)],
            OnnxAttribute.Ints("kernel_shape", [.. module.Kernel]),
            OnnxAttribute.Ints("strides", [.. module.Stride]),
            OnnxAttribute.Ints("pads", [.. module.Before, .. module.After]));
    }

    private static OnnxValue Softmax(FlatSoftmax module, OnnxValue input, OnnxModuleContext context)
    {
        int axis = RowAxis(module.Axis, input, context);
        long[] flat = [.. input.RowShape.Take(axis), input.RowShape.Skip(axis).Aggregate(1L, (a, b) => a * b)];
        OnnxValue joined = context.Helper("flat", "Reshape", [input.Name, context.Constant("flat", [-1, .. flat])], flat);
        OnnxValue result = context.Helper("shares", module.Logarithm ? "LogSoftmax" : "Softmax", [joined.Name], flat, OnnxAttribute.Int("axis", module.Axis));
        return context.Result("Reshape", [result.Name, context.Constant("shape", [-1, .. input.RowShape])], input.RowShape);
    }

    private static OnnxValue Join(ArithmeticJoin join, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context)
    {
        if (join.Operation != Arithmetic.MatrixProduct)
            return JoinHandlers.Elementwise(OpType(join.Operation), inputs, context);
        if (inputs.Count != 2)
            throw context.Refuse($"it multiplies {inputs.Count} matrices; two are multiplied at a time");
        return context.Result("MatMul", [.. inputs.Select(input => input.Name)], Product(Whole(inputs[0]), Whole(inputs[1]), context));
    }

    private static string OpType(Arithmetic operation) => operation switch
    {
        Arithmetic.Add => "Add",
        Arithmetic.Subtract => "Sub",
        Arithmetic.Multiply => "Mul",
        Arithmetic.Divide => "Div",
        Arithmetic.Power => "Pow",
        Arithmetic.Maximum => "Max",
        Arithmetic.Minimum => "Min",
        _ => "MatMul",
    };

    // The batch is an axis of length -1 here.
    private static long[] Whole(OnnxValue value) => [-1, .. value.RowShape];

    // The rows' shape after an operation with a constant, which has no batch.
    private static long[] Rows(long[] constant, OnnxValue input, OnnxModuleContext context)
    {
        long[] whole = Whole(input);
        long[]? shape = Broadcast(constant, whole);
        return shape is not null && shape.Length == whole.Length && shape[0] == -1
            ? shape[1..]
            : throw context.Refuse($"its constant of shape [{string.Join(", ", constant)}] does not fit rows of {input}");
    }

    private static long[] Product(IReadOnlyList<long> a, IReadOnlyList<long> b, OnnxModuleContext context)
    {
        if (a.Count >= 2 && b.Count >= 2 && a[^1] == b[^2] && Broadcast([.. a.SkipLast(2)], [.. b.SkipLast(2)]) is { } front)
        {
            long[] shape = [.. front, a[^2], b[^1]];
            if (shape[0] == -1)
                return shape[1..];
        }

        throw context.Refuse($"it multiplies [{string.Join(", ", a)}] with [{string.Join(", ", b)}], which do not fit, or mix rows of the batch");
    }

    private static long[]? Broadcast(long[] a, long[] b)
    {
        long[] shape = new long[Math.Max(a.Length, b.Length)];
        for (int back = 1; back <= shape.Length; back++)
        {
            long first = back <= a.Length ? a[^back] : 1;
            long second = back <= b.Length ? b[^back] : 1;
            if (first != second && first != 1 && second != 1)
                return null;
            shape[^back] = first == 1 ? second : first;
        }

        return shape;
    }

    private static int RowAxis(long axis, OnnxValue input, OnnxModuleContext context)
        => axis >= 1 && axis < input.Rank ? (int)axis - 1 : throw context.Refuse($"it works along axis {axis} of {input}, but rows of a batch stay apart");
}
