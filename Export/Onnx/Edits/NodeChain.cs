using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Nodes that follow one another from a graph's input, with type and shape on every edge.</summary>
/// <param name="edit">The graph.</param>
/// <param name="start">The value that the first node reads; names begin with it.</param>
/// <param name="batch">The first axis.</param>
internal sealed class NodeChain(GraphEdit edit, string start, OnnxDimension batch)
{
    private readonly string _prefix = start;
    private readonly List<NodeProto> _nodes = [];
    private readonly List<ValueInfoProto> _values = [];

    /// <summary>What the next node reads.</summary>
    public string Value { get; set; } = start;

    /// <summary>The first axis of what comes next.</summary>
    public OnnxDimension Batch { get; set; } = batch;

    public string Constant(string name, IReadOnlyList<long> shape, float[] values) => edit.Constant($"{_prefix}.{name}", shape, values);

    public string Constant(string name, long[] values) => edit.Constant($"{_prefix}.{name}", values);

    /// <summary>A node that reads <see cref="Value"/> and then <paramref name="others"/>; its output becomes <see cref="Value"/>.</summary>
    public string Then(
        string opType, string name, DataType type, ReadOnlySpan<OnnxDimension> row, IEnumerable<string> others, params IEnumerable<AttributeProto> attributes)
    {
        string output = edit.Fresh($"{_prefix}.{name}");
        _nodes.Add(GraphEdit.Node(opType, [Value, .. others], output, attributes));
        _values.Add(GraphEdit.Info(output, type, [Batch, .. row]));
        return Value = output;
    }

    public string Slice(
        string name, DataType type, ReadOnlySpan<OnnxDimension> row, long[] axes, long[] starts, long[] ends, long[]? steps = null)
    {
        List<string> others = [Constant($"{name}.starts", starts), Constant($"{name}.ends", ends), Constant($"{name}.axes", axes)];
        if (steps is not null)
        {
            others.Add(Constant($"{name}.steps", steps));
        }

        return Then("Slice", name, type, row, others);
    }

    /// <summary>The nodes; the last one's output gets the given name.</summary>
    public IReadOnlyList<NodeProto> Finish(string name)
    {
        _nodes[^1].Output[0] = name;
        _nodes[^1].Name = name;
        _values[^1].Name = name;
        edit.Graph.ValueInfo.AddRange(_values);
        return _nodes;
    }
}
