using AlexNetMl.Onnx.Proto;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>Values that are known before the network runs.</summary>
internal static class ConstantOperators
{
    public static void Constant(OnnxNodeImport node)
    {
        if (node.Raw("value") is { T: { } stored })
            node.Constant(stored);
        else if (node.Raw("value_int") is { HasI: true } whole)
            node.Constant([whole.I], scalar: true);
        else if (node.Raw("value_ints") is { } wholes)
            node.Constant([.. wholes.Ints], scalar: false);
        else if (node.Raw("value_float") is { HasF: true } real)
            node.Constant(tensor(real.F).DetachFromDisposeScope());
        else if (node.Raw("value_floats") is { } reals)
            node.Constant(tensor(reals.Floats.ToArray()).DetachFromDisposeScope());
        else
            throw node.Refuse("its value is neither a tensor nor numbers");
    }

    public static void ConstantOfShape(OnnxNodeImport node)
    {
        long[] shape = node.Longs(node.Input(0));
        TensorProto? stored = node.Raw("value")?.T;
        long count = Shapes.Product(shape);
        if (shape.Any(length => length < 0) || count > 1 << 20)
            throw node.Refuse($"its shape is [{string.Join(", ", shape)}], but at most {1 << 20} values are filled in");
        float value = stored is null ? 0 : node.First(stored);
        if (stored is not null && (DataType)stored.DataType != DataType.Float)
        {
            if (shape.Length > 1)
                throw node.Refuse("it makes a table of whole numbers");
            node.Constant([.. Enumerable.Repeat((long)value, (int)count)], shape.Length == 0);
            return;
        }

        node.Constant(full(shape, value, dtype: ScalarType.Float32).DetachFromDisposeScope());
    }

    public static void Shape(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        int start = (int)Bound(node.Int("start", 0), input.Rank);
        int end = (int)Bound(node.Int("end", input.Rank), input.Rank);
        node.Constant(
            [.. input.Shape.Take(end).Skip(start).Select(length => length == OnnxImportValue.Unknown ? OnnxImportValue.UnknownNumber : length)], scalar: false);
    }

    public static void Cast(OnnxNodeImport node)
    {
        OnnxImportValue input = node.Input(0);
        var type = (DataType)node.Int("to", 0);
        node.Int("saturate", 1);
        if (type is DataType.Float or DataType.Double && !input.IsWhole)
            node.Alias(input);
        else if (type == DataType.Float && input.IsConstant)
            node.Constant(node.ToTensor(input));
        else if (type is DataType.Int64 or DataType.Int32 && input is { IsConstant: true, Rank: <= 1 })
            node.Constant(input.IsWhole ? node.OpenLongs(input) : [.. node.Floats(input).Select(value => checked((long)value))], input.Rank == 0);
        else
            throw node.Refuse($"it converts to {type}, but networks compute in float32");
    }

    private static long Bound(long position, int rank) => Math.Clamp(position < 0 ? position + rank : position, 0, rank);
}
