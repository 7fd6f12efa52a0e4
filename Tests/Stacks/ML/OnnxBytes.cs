using System.Text;

namespace AlexNetMl.Stacks.Tests.ML;

/// <summary>Writes the few fields of onnx.proto that tiny test models need.</summary>
internal static class OnnxBytes
{
    internal const int Float = 1;
    internal const int Int64 = 7;
    internal const int Text = 8;
    internal const int Half = 10;

    /// <summary>Opset 13 and ai.onnx.ml 2, IR 8.</summary>
    internal static byte[] Model(params byte[][] graph)
        => [
            .. Number(1, 8), .. Bytes(8, [.. Bytes(1, []), .. Number(2, 13)]), .. Bytes(8, [.. Bytes(1, "ai.onnx.ml"u8), .. Number(2, 2)]),
            .. Bytes(7, [.. graph.SelectMany(part => part), .. Bytes(2, "test"u8)]),
        ];

    internal static byte[] Node(string type, string input, string output, string name = "", string domain = "", params byte[][] attributes)
        => Bytes(1, [
            .. Bytes(1, Utf8(input)), .. Bytes(2, Utf8(output)), .. Bytes(3, Utf8(name)), .. Bytes(4, Utf8(type)),
            .. attributes.SelectMany(attribute => Bytes(5, attribute)), .. Bytes(7, Utf8(domain)),
        ]);

    /// <param name="name">Name of the graph's input.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">A number, or the name of a free dimension.</param>
    internal static byte[] Input(string name, int type, params object[] shape) => Bytes(11, Value(name, type, shape));

    internal static byte[] Output(string name, int type, params object[] shape) => Bytes(12, Value(name, type, shape));

    internal static byte[] Tensor(string name, int type, int count, byte[] raw)
        => Bytes(5, [.. Number(1, (ulong)count), .. Number(2, (ulong)type), .. Bytes(8, Utf8(name)), .. Bytes(9, raw)]);

    internal static byte[] TextTensor(string name, string text) => Bytes(5, [.. Number(1, 1), .. Number(2, Text), .. Bytes(6, Utf8(text)), .. Bytes(8, Utf8(name))]);

    internal static byte[] Strings(string name, params string[] values)
        => [.. Bytes(1, Utf8(name)), .. values.SelectMany(value => Bytes(9, Utf8(value))), .. Number(20, 8)];

    internal static byte[] Integers(string name, params long[] values)
        => [.. Bytes(1, Utf8(name)), .. values.SelectMany(value => Number(8, (ulong)value)), .. Number(20, 7)];

    /// <summary>Score = max(x, 0) for <paramref name="size"/> numbers, with slot names where given.</summary>
    internal static byte[] Relu(int size, params string[] slots)
    {
        var parts = new List<byte[]> { Node("Relu", "x", "Score"), Input("x", Float, "batch", size), Output("Score", Float, "batch", size) };
        if (slots.Length > 0)
        {
            parts.Add(TextTensor("slots.in", slots[0]));
            parts.Add(Node("LabelEncoder", "slots.in", "slots.out", "mlnet.Score.SlotNames", "ai.onnx.ml",
                Strings("keys_strings", slots), Integers("values_int64s", [.. Enumerable.Range(0, slots.Length).Select(i => (long)i)])));
        }
        return Model([.. parts]);
    }

    private static byte[] Value(string name, int type, object[] shape)
    {
        IEnumerable<byte> dimensions = shape.SelectMany(size => Bytes(1, size is string free ? Bytes(2, Utf8(free)) : Number(1, Convert.ToUInt64(size))));
        return [.. Bytes(1, Utf8(name)), .. Bytes(2, Bytes(1, [.. Number(1, (ulong)type), .. Bytes(2, [.. dimensions])]))];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Number(int field, ulong value) => [.. Varint((ulong)field << 3), .. Varint(value)];

    private static byte[] Bytes(int field, ReadOnlySpan<byte> value) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
