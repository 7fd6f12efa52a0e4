using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>The names in an ONNX file, read without keeping its weights.</summary>
public sealed class OnnxOutline
{
    private const int WireTypeBits = 3;

    private readonly HashSet<string> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _initializers = new(StringComparer.Ordinal);
    private readonly List<string> _inputs = [];
    private readonly List<string> _outputs = [];

    private OnnxOutline()
    {
    }

    /// <summary>Names of all tensors that nodes make.</summary>
    public IReadOnlySet<string> Tensors => _tensors;

    /// <summary>Names of the inputs a caller must give.</summary>
    public IEnumerable<string> Inputs => _inputs.Where(i => !_initializers.Contains(i));

    /// <summary>Names of the outputs.</summary>
    public IReadOnlyList<string> Outputs => _outputs;

    /// <summary>The node that makes a tensor, or null where none does.</summary>
    /// <param name="tensor">A tensor's name.</param>
    public NodeProto? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The node of a name, or null.</summary>
    /// <param name="name">A node's name.</param>
    public NodeProto? Node(string name) => _nodes.GetValueOrDefault(name);

    /// <summary>Reads a file's names; weights are skipped.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxOutline Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > OnnxFile.MaxBytes)
        {
            throw new OnnxFormatException($"'{path}' has {stream.Length} bytes; an ONNX file has at most {OnnxFile.MaxBytes}.");
        }

        var outline = new OnnxOutline();
        try
        {
            using var input = new CodedInputStream(stream, leaveOpen: true);
            while (input.ReadTag() is var tag and not 0)
            {
                if (tag >> WireTypeBits == ModelProto.GraphFieldNumber)
                {
                    outline.ReadGraph(input, input.ReadLength());
                }
                else
                {
                    input.SkipLastField();
                }
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxFormatException($"'{path}' is not an ONNX model, or it is damaged: {e.Message}", e);
        }

        return outline;
    }

    private void ReadGraph(CodedInputStream input, int length)
    {
        long end = input.Position + length;
        while (input.Position < end)
        {
            uint tag = input.ReadTag();
            switch (tag >> WireTypeBits)
            {
                case GraphProto.NodeFieldNumber:
                    var node = new NodeProto();
                    input.ReadMessage(node);
                    Add(node);
                    break;
                case GraphProto.InputFieldNumber:
                    _inputs.Add(ReadName(input));
                    break;
                case GraphProto.OutputFieldNumber:
                    _outputs.Add(ReadName(input));
                    break;
                case GraphProto.InitializerFieldNumber:
                    ReadInitializer(input, input.ReadLength());
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private void Add(NodeProto node)
    {
        _tensors.UnionWith(node.Output.Where(output => output.Length > 0));
        _nodes.TryAdd(node.Name, node);
        foreach (string output in node.Output)
        {
            _producers[output] = node;
        }
    }

    private void ReadInitializer(CodedInputStream input, int length)
    {
        long end = input.Position + length;
        while (input.Position < end)
        {
            uint tag = input.ReadTag();
            if (tag >> WireTypeBits == TensorProto.NameFieldNumber)
            {
                _initializers.Add(input.ReadString());
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static string ReadName(CodedInputStream input)
    {
        var value = new ValueInfoProto();
        input.ReadMessage(value);
        return value.Name;
    }
}
