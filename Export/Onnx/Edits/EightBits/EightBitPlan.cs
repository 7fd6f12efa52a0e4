using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Which layers compute in eight bits, and which tensors between layers are held in them.</summary>
internal sealed class EightBitPlan
{
    private readonly GraphEdit _edit;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _points = new(StringComparer.Ordinal);

    public EightBitPlan(GraphEdit edit)
    {
        _edit = edit;
        foreach (NodeProto node in edit.Graph.Node)
        {
            foreach (string output in node.Output)
            {
                _producers[output] = node;
            }

            foreach (string input in node.Input.Distinct())
            {
                if (!_readers.TryGetValue(input, out List<NodeProto>? readers))
                {
                    _readers.Add(input, readers = []);
                }

                readers.Add(node);
            }
        }

        Layers = [.. edit.Graph.Node.Where(IsLayer)];
        foreach (NodeProto layer in Layers)
        {
            AddPoint(layer.Input[0]);
            string result = Activated(layer);
            if (result != layer.Output[0] && Readers(result).Any(node => !StaysInBytes(node)))
            {
                // Bytes before the rectifier, which they are cut like: what follows then reads one float32 tensor, where ONNX Runtime would
                // make one of the bytes for every reader. With LRN that is a tenth of AlexNet's time.
                _points.TryAdd(layer.Output[0], result);
            }
            else if (!IsResult(result))
            {
                AddPoint(result);
            }
        }
    }

    /// <summary>Convolutions and products with stored weights, in running order.</summary>
    public IReadOnlyList<NodeProto> Layers { get; }

    /// <summary>Tensors held in eight bits, and for each the one whose range is its own: poolings and reshapes keep their input's, a layer in front of its rectifier has that one's.</summary>
    public IReadOnlyDictionary<string, string> Points => _points;

    /// <summary>The axis of a layer's weights that has its output channels.</summary>
    public static int OutputAxis(NodeProto layer) => layer.OpType == "Conv" || Attribute(layer, "transB") is { I: 1 } ? 0 : 1;

    private bool IsLayer(NodeProto node)
    {
        if (!GraphEdit.IsStandard(node) || node.OpType is not ("Conv" or "Gemm" or "MatMul") || node.Input.Count < 2 || _edit.Initializer(node.Input[0]) is not null
            || _edit.Initializer(node.Input[1]) is not { ElementType: DataType.Float } weights || weights.ByteLength == 0 || SquaresGraph.TakesSquares(node, _edit))
        {
            return false;
        }

        if (node.Input.Count > 2 && (_edit.Initializer(node.Input[2]) is not { ElementType: DataType.Float } bias || bias.ByteLength / sizeof(float) != weights.Dimensions[OutputAxis(node)]))
        {
            return false;
        }

        return node.OpType == "Conv" || (weights.Dimensions.Count == 2
            && (node.OpType == "MatMul" || (Attribute(node, "transA")?.I is null or 0 && Attribute(node, "alpha")?.F is null or 1 && Attribute(node, "beta")?.F is null or 1)));
    }

    // A rectifier's cut is that of bytes whose zero stands for 0: it costs nothing where it comes before them.
    private string Activated(NodeProto layer)
    {
        string output = layer.Output[0];
        return !_edit.IsOutput(output) && Readers(output) is [{ OpType: "Relu" or "Clip" } relu] && relu.Input[0] == output ? relu.Output[0] : output;
    }

    private static bool StaysInBytes(NodeProto node)
        => node.OpType is "Conv" or "Gemm" or "MatMul" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "Flatten" or "Reshape" or "Add" or "Concat";

    // Logits stay exact; so do results that nothing but the user reads.
    private bool IsResult(string tensor) => Readers(tensor) is [] or [{ OpType: "Softmax" or "LogSoftmax" }, ..];

    // A pooling keeps its input's bytes, where that has them; a float32 one it pools faster as it is.
    private void AddPoint(string tensor)
    {
        var kept = new List<string> { tensor };
        while (!_points.ContainsKey(kept[^1]) && _producers.GetValueOrDefault(kept[^1]) is { OpType: "MaxPool" or "Flatten" or "Reshape", Output.Count: 1 } node)
        {
            kept.Add(node.Input[0]);
        }

        if (!_points.TryGetValue(kept[^1], out string? root))
        {
            _points.TryAdd(tensor, tensor);
            return;
        }

        foreach (string one in kept)
        {
            _points.TryAdd(one, root);
        }
    }

    private List<NodeProto> Readers(string tensor) => _readers.GetValueOrDefault(tensor) ?? [];

    private static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
