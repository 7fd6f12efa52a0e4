using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Export.Tests;

/// <summary>Errors planted into an exported graph.</summary>
internal static class GraphMutation
{
    public static NodeProto Node(GraphProto graph, string name) => graph.Node.Single(n => n.Name == name);

    public static AttributeProto Attribute(GraphProto graph, string node, string name) => Node(graph, node).Attribute.Single(a => a.Name == name);

    public delegate void WeightEdit(Span<float> weights, int[] dimensions);

    public delegate void RowEdit(Span<float> row);

    public static void Weights(GraphProto graph, string name, WeightEdit edit)
    {
        TensorProto tensor = graph.Initializer.Single(t => t.Name == name);
        byte[] bytes = tensor.RawData.ToByteArray();
        edit(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), [.. tensor.Dims.Select(d => (int)d)]);
        tensor.RawData = ByteString.CopyFrom(bytes);
    }

    public static void EachRow(Span<float> weights, int length, RowEdit edit)
    {
        for (int start = 0; start < weights.Length; start += length)
        {
            edit(weights.Slice(start, length));
        }
    }

    public static void Swap(Span<float> weights, int length, int a, int b)
    {
        float[] kept = weights.Slice(a * length, length).ToArray();
        weights.Slice(b * length, length).CopyTo(weights[(a * length)..]);
        kept.CopyTo(weights[(b * length)..]);
    }

    public static void Remove(GraphProto graph, string name)
    {
        NodeProto node = Node(graph, name);
        foreach (NodeProto reader in graph.Node)
        {
            for (int i = 0; i < reader.Input.Count; i++)
            {
                if (reader.Input[i] == name)
                {
                    reader.Input[i] = node.Input[0];
                }
            }
        }

        graph.Node.Remove(node);
        graph.ValueInfo.Remove(graph.ValueInfo.Single(v => v.Name == name));
    }
}
