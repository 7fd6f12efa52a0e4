using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>The bytes of an ONNX file, with tensors inside the graph made outputs; the file itself is not touched.</summary>
/// <remarks>
/// Protobuf merges a message that occurs twice. So the file's own bytes are followed by a second, tiny model that consists of the
/// additional outputs: what runs is the very file, nothing of it was parsed and written again, and its weights are in memory once.
/// </remarks>
public static class ExposedOutputs
{
    /// <summary>Reads a file and adds outputs.</summary>
    /// <param name="path">A file of at most 2 GB.</param>
    /// <param name="outputs">Names of float32 tensors that nodes of the graph make and that are no outputs yet; <see cref="OnnxOutline"/> knows both.</param>
    /// <returns>What ONNX Runtime loads.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Load(string path, IEnumerable<string> outputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(outputs);
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
