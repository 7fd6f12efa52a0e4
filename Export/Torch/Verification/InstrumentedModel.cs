using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>The bytes of an ONNX file, with tensors inside the graph made outputs.</summary>
/// <remarks>
/// Protobuf merges a message that occurs twice. So the file's own bytes are followed by a second, tiny model that consists of the
/// additional outputs: what runs is the very file, nothing of it was parsed and written again, and its weights are in memory once.
/// </remarks>
internal static class InstrumentedModel
{
    /// <param name="path">A file of at most 2 GB.</param>
    /// <param name="outputs">Names of float tensors that nodes of the graph make and that are no outputs yet.</param>
    /// <returns>What ONNX Runtime loads.</returns>
    public static byte[] Load(string path, IEnumerable<string> outputs)
    {
        var graph = new GraphProto();
        foreach (string name in outputs)
        {
            var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } };
            graph.Output.Add(new ValueInfoProto { Name = name, Type = type });
        }

        var extension = new ModelProto { Graph = graph };
        using FileStream stream = File.OpenRead(path);
        int length = checked((int)stream.Length);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length + extension.CalculateSize());
        stream.ReadExactly(bytes, 0, length);
        extension.WriteTo(bytes.AsSpan(length));
        return bytes;
    }
}
