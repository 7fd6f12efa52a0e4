using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>The bytes of an ONNX file, with tensors inside the graph made outputs.</summary>
/// <remarks>
/// Protobuf merges a message that occurs twice. So the file's own bytes are followed by a second, tiny model that consists of the
/// additional outputs: what runs is the very file, nothing of it was parsed and written again, and the weights are in memory once.
/// </remarks>
internal sealed class InstrumentedModel
{
    private InstrumentedModel(byte[] bytes, OnnxOutline outline)
    {
        Bytes = bytes;
        Outline = outline;
    }

    /// <summary>What ONNX Runtime loads.</summary>
    public byte[] Bytes { get; }

    /// <summary>The names in the file itself.</summary>
    public OnnxOutline Outline { get; }

    /// <exception cref="OnnxFormatException">Not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static InstrumentedModel Load(string path, IEnumerable<string> wanted)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > OnnxFile.MaxBytes)
        {
            throw new OnnxFormatException($"'{path}' has {stream.Length} bytes; an ONNX file has at most {OnnxFile.MaxBytes}.");
        }

        OnnxOutline outline = OnnxOutline.Read(stream, path);
        ModelProto extension = Extension(
            wanted.Distinct(StringComparer.Ordinal).Where(n => outline.Tensors.Contains(n) && !outline.Outputs.Contains(n)));
        int length = (int)stream.Length;
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length + extension.CalculateSize());
        stream.Position = 0;
        stream.ReadExactly(bytes, 0, length);
        extension.WriteTo(bytes.AsSpan(length));
        return new InstrumentedModel(bytes, outline);
    }

    private static ModelProto Extension(IEnumerable<string> names)
    {
        var graph = new GraphProto();
        foreach (string name in names)
        {
            var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } };
            graph.Output.Add(new ValueInfoProto { Name = name, Type = type });
        }

        return new ModelProto { Graph = graph };
    }
}
