using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Functions of one value, and operations on two or more.</summary>
internal static class ArithmeticOperators
{
    public static OnnxOperatorBuilder Function(ElementwiseFunction function) => node => node.Result(new Elementwise(function), node.Input(0).Shape);

    public static OnnxOperatorBuilder Of(Arithmetic operation) => node =>
    {
        (OnnxImportValue? value, _) = Combine(node, operation, isResult: true);
        if (value is not null)
            node.Alias(value);
    };

    public static void Mean(OnnxNodeImport node)
    {
        if (node.InputCount == 1)
        {
            node.Alias(node.Input(0));
            return;
        }

        (OnnxImportValue? sum, long[] shape) = Combine(node, Arithmetic.Add, isResult: false);
        node.Result(new ConstantOperand(Arithmetic.Divide, tensor((float)node.InputCount)), [sum!], shape);
    }

    // Two at a time where a constant is among them, all at once else. The last step is the node's result where it is to be.
    private static (OnnxImportValue? Value, long[] Shape) Combine(OnnxNodeImport node, Arithmetic operation, bool isResult)
    {
        IReadOnlyList<OnnxImportValue> inputs = node.Inputs();
        node.Int("broadcast", 1); // until opset 6; since then always, along the last axes
        if (node.Opset < 7 && node.HasAttribute("axis"))
            inputs = AlongAxis(node, inputs);
        if (inputs.Count == 0)
            throw node.Refuse("it has no input");
        if (inputs.Count == 1)
            return (inputs[0], [.. inputs[0].Shape]);
        long[] shape = [.. inputs[0].Shape];
        if (inputs.All(input => !input.IsConstant))
        {
            foreach (OnnxImportValue next in inputs.Skip(1))
                shape = Shapes.Broadcast(shape, next.Shape, node);
            return (Add(JoinOf(operation), inputs, shape, isLast: true, 0), shape);
        }

        OnnxImportValue? value = inputs[0];
        for (int i = 1; i < inputs.Count; i++)
        {
            OnnxImportValue next = inputs[i];
            shape = Shapes.Broadcast(shape, next.Shape, node);
            bool isLast = i == inputs.Count - 1;
            if (value!.IsConstant == next.IsConstant)
                value = Add(JoinOf(operation), [value, next], shape, isLast, i);
            else if (next.IsConstant)
                value = Add(new ConstantOperand(operation, node.ToTensor(next)), [value], shape, isLast, i);
            else
                value = Add(new ConstantOperand(operation, node.ToTensor(value), constantFirst: true), [next], shape, isLast, i);
        }

        return (value, shape);

        OnnxImportValue? Add(nn.Module module, IReadOnlyList<OnnxImportValue> values, long[] result, bool isLast, int step)
        {
            if (!isLast || !isResult)
                return node.Helper($"{step}", module, values, result);
            node.Result(module, values, result);
            return null;
        }
    }

    // The second operand's axes begin at one of the first's, which until opset 6 an attribute names.
    private static IReadOnlyList<OnnxImportValue> AlongAxis(OnnxNodeImport node, IReadOnlyList<OnnxImportValue> inputs)
    {
        if (inputs.Count != 2)
            throw node.Refuse($"it has an axis and {inputs.Count} inputs");
        int axis = Shapes.Axis(node.Int("axis", 0), inputs[0].Rank, node);
        int behind = inputs[0].Rank - axis - inputs[1].Rank;
        if (behind < 0)
            throw node.Refuse($"its second input [{string.Join(", ", inputs[1].Shape)}] does not fit [{string.Join(", ", inputs[0].Shape)}] from axis {axis} on");
        if (behind == 0)
            return inputs;
        long[] axes = [.. Enumerable.Range(inputs[1].Rank, behind).Select(one => (long)one)];
        return [inputs[0], node.Helper("aligned", new Unsqueeze(axes), [inputs[1]], [.. inputs[1].Shape, .. axes.Select(_ => 1L)])];
    }

    private static Join JoinOf(Arithmetic operation) => operation switch
    {
        Arithmetic.Add => new Sum(),
        Arithmetic.Multiply => new Product(),
        _ => new ArithmeticJoin(operation),
    };
}
