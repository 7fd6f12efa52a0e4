using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>A graph's nodes by what they make and take, for finding patterns.</summary>
internal sealed class GraphIndex
{
    private const int MaxConstant = 1 << 24;

    private readonly List<NodeProto> _nodes;
    private readonly CheckedModel _model;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<NodeProto> _removed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, NodeProto> _replaced = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, NodeProto> _places = new(ReferenceEqualityComparer.Instance);

    public GraphIndex(List<NodeProto> nodes, CheckedModel model, string result)
    {
        _nodes = nodes;
        _model = model;
        _uses[result] = 1;
        _constants.UnionWith(model.Proto.Graph.Initializer.Select(tensor => tensor.Name));
        foreach (NodeProto node in nodes)
        {
            foreach (string input in node.Input)
                _uses[input] = _uses.GetValueOrDefault(input) + 1;
            bool isConstant = node.OpType != "Shape" && node.Input.All(input => input.Length == 0 || _constants.Contains(input));
            foreach (string output in node.Output)
            {
                _producers[output] = node;
                if (isConstant)
                    _constants.Add(output);
            }
        }
    }

    /// <summary>The nodes that are left.</summary>
    public List<NodeProto> Nodes() => [.. _nodes.Where(node => !_removed.Contains(node)).Select(node => _replaced.GetValueOrDefault(node, node))];

    /// <summary>Whether a tensor is computed from initializers alone, or is one.</summary>
    public bool IsConstant(string name) => _constants.Contains(name);

    /// <summary>How often a tensor is taken.</summary>
    public int Uses(string name) => _uses.GetValueOrDefault(name);

    /// <summary>The node that makes a tensor, if it is of an operator and only <paramref name="uses"/> nodes take the tensor.</summary>
    public NodeProto? Producer(string name, string opType, int uses = 1)
        => _producers.TryGetValue(name, out NodeProto? node) && node.OpType == opType && node.Domain.Length == 0 && Uses(name) == uses ? node : null;

    /// <summary>The pattern that makes a tensor, if it is that one and one node takes the tensor.</summary>
    public NodeProto? Pattern(string name, string pattern)
        => _producers.TryGetValue(name, out NodeProto? node) && node.OpType == pattern && node.Domain == GraphPatterns.Domain && Uses(name) == 1 ? node : null;

    /// <summary>The operator that makes a tensor, however often it is taken.</summary>
    public string? OpType(string name) => _producers.GetValueOrDefault(name)?.OpType;

    /// <summary>The tensor that is stored under a name, by an initializer or a Constant node.</summary>
    public TensorProto? Stored(string name)
        => _model.Initializer(name) ?? (_producers.GetValueOrDefault(name) is { OpType: "Constant", Domain: "" } node
            ? node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T : null);

    /// <summary>The numbers of a stored float32 tensor.</summary>
    public float[]? Floats(string name)
    {
        if (Stored(name) is not { DataType: (int)TensorProto.Types.DataType.Float } tensor || CheckedModel.ElementCount(tensor) > MaxConstant)
            return null;
        float[] values = new float[CheckedModel.ElementCount(tensor)];
        _model.Read(tensor, values.AsSpan());
        return values;
    }

    /// <summary>The whole numbers of a stored tensor.</summary>
    public long[]? Longs(string name)
    {
        if (Stored(name) is not { DataType: (int)TensorProto.Types.DataType.Int64 } tensor || CheckedModel.ElementCount(tensor) > 64)
            return null;
        long[] values = new long[CheckedModel.ElementCount(tensor)];
        _model.Read(tensor, values.AsSpan());
        return values;
    }

    /// <summary>The one number of a stored float32 tensor, as its shortest decimal.</summary>
    public double? Number(string name)
    {
        if (Stored(name) is not { } tensor)
            return _producers.GetValueOrDefault(name) is { OpType: "Constant" } node && node.Attribute is [{ Name: "value_float" } attribute] ? OnnxNodeImport.Decimal(attribute.F) : null;
        return CheckedModel.ElementCount(tensor) == 1 && Floats(name) is [float value] ? OnnxNodeImport.Decimal(value) : null;
    }

    /// <summary>Whether a node has exactly these settings, or the operator's defaults for those it lacks; other attributes are none of them.</summary>
    public static bool Has(NodeProto node, params ReadOnlySpan<(string Name, long[] Values, bool IsDefault)> settings)
    {
        int known = 0;
        foreach ((string name, long[] values, bool isDefault) in settings)
        {
            AttributeProto? attribute = node.Attribute.FirstOrDefault(candidate => candidate.Name == name);
            if (attribute is null && !isDefault)
                return false;
            if (attribute is null)
                continue;
            known++;
            bool equal = attribute.HasI ? values is [long only] && attribute.I == only : attribute.Ints.SequenceEqual(values);
            if (!equal)
                return false;
        }

        return known == node.Attribute.Count;
    }

    /// <summary>Puts a layer where a pattern's last node was; the others, which nothing takes any more, go.</summary>
    public void Replace(NodeProto last, NodeProto layer)
    {
        _replaced[last] = layer;
        _places[layer] = last;
        _producers[layer.Output[0]] = layer;
        foreach (string input in layer.Input)
            _uses[input] = _uses.GetValueOrDefault(input) + 1;
        Release(last);
    }

    private void Release(NodeProto node)
    {
        var open = new Stack<NodeProto>([node]);
        while (open.TryPop(out NodeProto? next))
        {
            foreach (string input in next.Input)
            {
                _uses[input]--;
                if (_uses[input] == 0 && _producers.TryGetValue(input, out NodeProto? maker) && maker.Output.All(output => Uses(output) == 0))
                {
                    _removed.Add(_places.GetValueOrDefault(maker, maker));
                    open.Push(maker);
                }
            }
        }
    }
}
