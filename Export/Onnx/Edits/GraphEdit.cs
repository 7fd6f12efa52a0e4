using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>A copy of a model's graph under change; its weights stay sources, so that an edit costs what its nodes cost.</summary>
internal sealed class GraphEdit
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ModelProto _proto;

    /// <exception cref="OnnxFormatException">The graph has branches of its own in a node, or is not in the standard operator set.</exception>
    public GraphEdit(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _proto = model.Proto.Clone();
        Initializers = [.. ProtoTensor.Take(Graph), .. model.Initializers];
        Opset = _proto.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version
            ?? throw new OnnxFormatException("The model does not say which version of the standard operator set it is written in.");
        foreach (NodeProto node in Graph.Node)
        {
            if (node.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0))
            {
                throw new OnnxFormatException($"The {node.OpType} node '{node.Name}' holds a graph of its own; only plain graphs can be edited.");
            }

            _names.UnionWith(node.Output);
        }

        _names.UnionWith(Graph.Input.Select(i => i.Name));
        _names.UnionWith(Initializers.Select(i => i.Name));
        _names.UnionWith(Graph.Initializer.Select(i => i.Name));
    }

    public GraphProto Graph => _proto.Graph;

    public List<IOnnxTensorSource> Initializers { get; }

    /// <summary>The version of the standard operator set.</summary>
    public long Opset { get; }

    public IOnnxTensorSource? Initializer(string name) => Initializers.Find(i => i.Name == name);

    /// <summary>The node that makes a value; null for inputs and initializers.</summary>
    public NodeProto? Producer(string value) => Graph.Node.FirstOrDefault(n => n.Output.Contains(value));

    /// <summary>The nodes that read a value.</summary>
    public IEnumerable<NodeProto> Readers(string value) => Graph.Node.Where(n => n.Input.Contains(value));

    public bool IsOutput(string value) => Graph.Output.Any(o => o.Name == value);

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }

    /// <summary>Adds a constant and gives its name.</summary>
    public string Constant(string wanted, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
    {
        string name = Fresh(wanted);
        Initializers.Add(OnnxTensor.Create(name, shape, values));
        return name;
    }

    /// <summary>Adds a constant and gives its name.</summary>
    public string Constant(string wanted, ReadOnlyMemory<long> values)
    {
        string name = Fresh(wanted);
        Initializers.Add(OnnxTensor.Create(name, [values.Length], values));
        return name;
    }

    /// <summary>A node named after its output; the caller says where it goes.</summary>
    public static NodeProto Node(string opType, IEnumerable<string> inputs, string output, params IEnumerable<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = opType, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    /// <summary>Whether a node is of the standard operator set.</summary>
    public static bool IsStandard(NodeProto node) => node.Domain is "" or "ai.onnx";

    /// <summary>A value's type and shape.</summary>
    public static ValueInfoProto Info(string value, DataType type, ReadOnlySpan<OnnxDimension> shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        foreach (OnnxDimension axis in shape)
        {
            tensor.Shape.Dim.Add(axis.ToProto());
        }

        return new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = tensor } };
    }

    /// <summary>A value's axes; an axis that is not described has no name either. Empty where there is no shape.</summary>
    public static OnnxDimension[] Axes(ValueInfoProto value) => [.. value.Type?.TensorType?.Shape?.Dim.Select(d =>
        d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && d.DimValue >= 0 ? OnnxDimension.Fixed(d.DimValue)
            : d.DimParam.Length > 0 ? OnnxDimension.Dynamic(d.DimParam) : default) ?? []];

    /// <summary>Renames a node's output everywhere but among the graph's outputs.</summary>
    public void Rename(string from, string to)
    {
        foreach (NodeProto node in Graph.Node)
        {
            node.Name = node.Name == from ? to : node.Name;
            Replace(node.Input, from, to);
            Replace(node.Output, from, to);
        }
    }

    /// <summary>Replaces a name in a list of names.</summary>
    public static void Replace(IList<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
            {
                names[i] = to;
            }
        }
    }

    /// <summary>Puts nodes before all others, in their order.</summary>
    public void Prepend(IReadOnlyList<NodeProto> nodes)
    {
        NodeProto[] all = [.. nodes, .. Graph.Node];
        Graph.Node.Clear();
        Graph.Node.AddRange(all);
    }

    /// <summary>The edited model; nodes whose names are taken get a number behind theirs, for ONNX Runtime wants names unique.</summary>
    public OnnxModel ToModel()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in Graph.Node.Where(n => n.Name.Length > 0))
        {
            string name = node.Name;
            for (int i = 2; !taken.Add(node.Name); i++)
            {
                node.Name = $"{name}_{i}";
            }
        }

        return new OnnxModel(_proto, Initializers);
    }
}
