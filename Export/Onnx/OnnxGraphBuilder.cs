using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// Builds a model node by node. Nodes are added in the order in which they run; every name is checked when it is used, so a graph that
/// refers to a tensor nobody makes fails where the mistake is.
/// </summary>
/// <param name="name">The graph's name.</param>
/// <example>
/// <code>
/// var graph = new OnnxGraphBuilder("double");
/// graph.AddInput("x", DataType.Float, "batch", 4);
/// graph.AddInitializer(OnnxTensor.Create("two", [], new float[] { 2 }));
/// graph.AddNode("Mul", ["x", "two"], ["y"]);
/// graph.AddOutput("y", DataType.Float, "batch", 4);
/// OnnxFile.Write(graph.Build(), "double.onnx");
/// </code>
/// </example>
public sealed class OnnxGraphBuilder(string name)
{
    /// <summary>The operator set that <see cref="Build"/> declares unless told otherwise.</summary>
    public const int DefaultOpset = 17;

    /// <summary>The oldest operator set that is written.</summary>
    public const int MinOpset = 13;

    /// <summary>The newest operator set that is written.</summary>
    public const int MaxOpset = 21;

    private readonly GraphProto _graph = new() { Name = RequireName(name) };
    private readonly List<IOnnxTensorSource> _initializers = [];
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _described = new(StringComparer.Ordinal);

    /// <summary>Whether a tensor of that name (input, initializer or node output) exists already.</summary>
    /// <param name="value">The tensor's name.</param>
    public bool Contains(string value) => _values.Contains(value);

    /// <summary>Adds a graph input.</summary>
    /// <param name="value">The tensor's name, not used before.</param>
    /// <param name="elementType">The type of one element.</param>
    /// <param name="shape">Lengths or names of the axes, outermost first.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OnnxGraphBuilder AddInput(string value, DataType elementType, params ReadOnlySpan<OnnxDimension> shape)
    {
        Define(value);
        _graph.Input.Add(Info(value, elementType, shape));
        return this;
    }

    /// <summary>Makes a tensor an output of the graph.</summary>
    /// <param name="value">A tensor that exists already.</param>
    /// <param name="elementType">The type of one element.</param>
    /// <param name="shape">Lengths or names of the axes, outermost first.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">No such tensor, or it is an output already.</exception>
    public OnnxGraphBuilder AddOutput(string value, DataType elementType, params ReadOnlySpan<OnnxDimension> shape)
    {
        Describe(value);
        _graph.Output.Add(Info(value, elementType, shape));
        return this;
    }

    /// <summary>States type and shape of a tensor inside the graph, for readers that do not infer them.</summary>
    /// <param name="value">A tensor that exists already and is no output.</param>
    /// <param name="elementType">The type of one element.</param>
    /// <param name="shape">Lengths or names of the axes, outermost first.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">No such tensor, or it is described already.</exception>
    public OnnxGraphBuilder AddValueInfo(string value, DataType elementType, params ReadOnlySpan<OnnxDimension> shape)
    {
        Describe(value);
        _graph.ValueInfo.Add(Info(value, elementType, shape));
        return this;
    }

    /// <summary>Adds a weight or a constant; its bytes are asked for when the file is written.</summary>
    /// <param name="source">The tensor; its name is not used before.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OnnxGraphBuilder AddInitializer(IOnnxTensorSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Define(source.Name);
        _initializers.Add(source);
        return this;
    }

    /// <summary>Adds a node named after its first output.</summary>
    /// <param name="opType">The operator, <c>Conv</c> for example.</param>
    /// <param name="inputs">Tensors that exist already; an empty name leaves out an optional input.</param>
    /// <param name="outputs">Names of the tensors it makes, not used before; an empty name leaves out an optional output.</param>
    /// <param name="attributes">Attributes made by <see cref="OnnxAttribute"/>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">An input does not exist, an output does already, or an attribute is given twice.</exception>
    public OnnxGraphBuilder AddNode(
        string opType, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, params IReadOnlyList<AttributeProto> attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(opType);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(attributes);
        string node = outputs.FirstOrDefault(o => o.Length > 0)
            ?? throw new ArgumentException($"A {opType} node without outputs does nothing; name at least one.", nameof(outputs));
        foreach (string input in inputs)
        {
            if (input.Length > 0 && !_values.Contains(input))
            {
                throw new ArgumentException(
                    $"The {opType} node '{node}' reads '{input}', which no input, initializer or earlier node provides.", nameof(inputs));
            }
        }

        string? twice = attributes.GroupBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new ArgumentException($"The {opType} node '{node}' has two attributes '{twice}'.", nameof(attributes));
        }

        foreach (string output in outputs)
        {
            if (output.Length > 0)
            {
                Define(output);
            }
        }

        var proto = new NodeProto { OpType = opType, Name = UniqueNodeName(node) };
        proto.Input.AddRange(inputs);
        proto.Output.AddRange(outputs);
        proto.Attribute.AddRange(attributes);
        _graph.Node.Add(proto);
        return this;
    }

    /// <summary>The finished model. The builder may go on and build again; models do not share its state.</summary>
    /// <param name="opset">Version of the standard operator set that the nodes are written in.</param>
    /// <param name="irVersion">Version of the file format; null for the one that came with the operator set.</param>
    /// <param name="metadata">Entries of the file's metadata.</param>
    /// <exception cref="InvalidOperationException">The graph has no output.</exception>
    public OnnxModel Build(
        int opset = DefaultOpset, int? irVersion = null, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        if (_graph.Output.Count == 0)
        {
            throw new InvalidOperationException($"The graph '{_graph.Name}' has no output; call AddOutput before Build.");
        }

        var proto = new ModelProto
        {
            IrVersion = irVersion ?? IrVersionOf(opset),
            ProducerName = "AlexNetMl",
            ProducerVersion = typeof(OnnxGraphBuilder).Assembly.GetName().Version?.ToString(3) ?? string.Empty,
            Graph = _graph.Clone(),
        };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = opset });
        var model = new OnnxModel(proto, [.. _initializers]);
        if (metadata is not null)
        {
            model.SetMetadata(metadata);
        }

        return model;
    }

    /// <summary>The version of the file format that came with an operator set (ONNX's table of releases, docs/Versioning.md).</summary>
    /// <param name="opset">The operator set.</param>
    public static int IrVersionOf(int opset) => opset switch
    {
        <= 14 => 7, // ONNX 1.8 and 1.9
        <= 18 => 8, // 1.10 to 1.13
        <= 20 => 9, // 1.14 and 1.15
        _ => 10, // 1.16
    };

    private static string RequireName(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, nameof(name));
        return value;
    }

    private static ValueInfoProto Info(string value, DataType elementType, ReadOnlySpan<OnnxDimension> shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)elementType, Shape = new TensorShapeProto() };
        foreach (OnnxDimension dimension in shape)
        {
            tensor.Shape.Dim.Add(dimension.ToProto());
        }

        return new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = tensor } };
    }

    private void Define(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (!_values.Add(value))
        {
            throw new ArgumentException($"The graph '{_graph.Name}' has a tensor named '{value}' already; names are unique.", nameof(value));
        }
    }

    private void Describe(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (!_values.Contains(value))
        {
            throw new ArgumentException($"No input, initializer or node provides a tensor named '{value}'.", nameof(value));
        }

        if (!_described.Add(value))
        {
            throw new ArgumentException($"Type and shape of the tensor '{value}' are stated already.", nameof(value));
        }
    }

    private string UniqueNodeName(string wanted)
    {
        string result = wanted;
        for (int i = 2; !_nodeNames.Add(result); i++)
        {
            result = $"{wanted}_{i}";
        }

        return result;
    }
}
