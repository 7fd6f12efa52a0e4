using System.Runtime.InteropServices;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>One import: what is known of the graph's tensors so far, and the steps of the network.</summary>
internal sealed class ImportSession : IDisposable
{
    // Tensors that constants are computed into; a chain of doublings ends there.
    private const long MaxFoldedBytes = 64 << 20;

    private readonly OnnxImportOptions _options;
    private readonly Dictionary<string, OnnxImportValue?> _values = new(StringComparer.Ordinal);
    private readonly List<GraphNode> _nodes = [];
    private readonly List<UnsupportedNode> _unsupported = [];
    private readonly Dictionary<string, nn.Module> _shared = new(StringComparer.Ordinal);
    private readonly ModulePaths _paths = new();
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private long _foldedBytes;

    public ImportSession(CheckedModel model, OnnxImportOptions options)
    {
        Model = model;
        _options = options;
    }

    public CheckedModel Model { get; }

    public int Opset => Model.Opset;

    private bool Completed { get; set; }

    public ImportedNetwork Run()
    {
        string output = _options.Output ?? (Model.Proto.Graph.Output.Count > 0 ? Model.Proto.Graph.Output[0].Name : throw new OnnxImportException($"'{Model.Source}' has no output."));
        string result = _options.Logits ? BeforeSoftmax(output) : output;
        List<NodeProto> nodes = GraphPatterns.Apply(Reachable(result), this, result);
        _used.Add(result);
        _used.UnionWith(nodes.SelectMany(node => node.Input));
        // Parameters keep their names, also where the input or a join is called as a group of theirs is.
        Dictionary<NodeProto, string> reserved = ReserveParameters(nodes);
        List<(string Name, string Path, IReadOnlyList<long> Shape)> inputs = AddInputs();
        foreach (TensorProto tensor in Model.Proto.Graph.Initializer)
            _values.TryAdd(tensor.Name, OnnxImportValue.Constant(tensor.Name, tensor));
        foreach (NodeProto node in nodes)
            Build(node, reserved.GetValueOrDefault(node));
        if (_unsupported.Count > 0)
            throw new OnnxImportException(Model.Source, _unsupported);
        if (!_values.TryGetValue(result, out OnnxImportValue? value))
            throw new OnnxImportException($"'{Model.Source}' has no tensor '{result}'; it has the outputs {string.Join(", ", Model.Proto.Graph.Output.Select(o => o.Name))}.");
        if (value!.IsConstant)
            throw new OnnxImportException($"'{Model.Source}' computes '{result}' from constants alone; there is nothing to import.");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in Model.Proto.MetadataProps)
            metadata[entry.Key] = entry.Value;
        string name = Model.Proto.Graph.Name.Length > 0 ? ModulePaths.Clean(Model.Proto.Graph.Name).Replace('.', '_') : "network";
        var imported = new ImportedNetwork
        {
            Network = new GraphNetwork(name, [.. inputs.Select(input => input.Path)], FreshClassifier.Replace(Needed(value.Path!), _options, Model.Source), value.Path!),
            InputShapes = [.. inputs.Select(input => input.Shape)],
            InputNames = [.. inputs.Select(input => input.Name)],
            OutputName = result,
            Description = OnnxImageModelMetadata.FromDictionary(metadata),
            Metadata = metadata,
            Opset = Opset,
        };
        Completed = true;
        return imported;
    }

    /// <summary>Whether a node, or the network's result, takes a tensor.</summary>
    public bool IsUsed(string name) => _used.Contains(name);

    public OnnxImportValue? Find(string name) => _values.GetValueOrDefault(name);

    public void Define(string name, OnnxImportValue value) => _values[name] = value;

    public void Refuse(NodeProto node, string? reason)
    {
        _unsupported.Add(new UnsupportedNode(Label(node), FullType(node), reason));
        foreach (string output in node.Output.Where(output => output.Length > 0))
            _values.TryAdd(output, null);
    }

    public static string Label(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(output => output.Length > 0) ?? "a node";

    /// <summary>Adds a step, or another use of an earlier one's module, and gives the path of its result.</summary>
    public string Add(string path, nn.Module module, IReadOnlyList<string> inputs, string? sharingKey)
    {
        if (sharingKey is not null && !_shared.TryAdd(sharingKey, module))
        {
            module.Dispose();
            module = _shared[sharingKey];
        }

        _nodes.Add(new GraphNode(path, module, inputs));
        return path;
    }

    public string Path(NodeProto node, string? suffix) => _paths.Take(ModulePaths.FromNames(node) + suffix, own: suffix is null);

    public string Helper(string path) => _paths.Take(path, own: false);

    /// <summary>Computes a module over constants once and for all.</summary>
    public Tensor Fold(nn.Module module, IReadOnlyList<Tensor> inputs, IReadOnlyList<long> shape, OnnxNodeImport node)
    {
        Int128 bytes = shape.Aggregate((Int128)4, (a, b) => a * Math.Max(0, b));
        long allowed = MaxFoldedBytes + (2L * Model.Proto.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length));
        if (bytes > allowed || (_foldedBytes += (long)bytes) > allowed)
            throw node.Refuse($"constants would be computed into more than {allowed >> 20} MiB");
        using (module)
        {
            using IDisposable noGradients = no_grad();
            using var scope = NewDisposeScope();
            module.eval();
            Tensor result = module is Join join ? join.call([.. inputs]) : ((nn.Module<Tensor, Tensor>)module).call(inputs[0]);
            return (inputs.Contains(result, ReferenceEqualityComparer.Instance) ? result.alias() : result).DetachFromDisposeScope();
        }
    }

    public void Dispose()
    {
        foreach (OnnxImportValue? value in _values.Values)
            value?.Computed?.Dispose();
        if (Completed)
            return;
        foreach (GraphNode node in _nodes)
            node.Operation.Dispose();
    }

    private void Build(NodeProto node, string? path)
    {
        OnnxOperatorBuilder? builder = _options.Operators.Find(FullType(node));
        if (builder is null)
        {
            Refuse(node, reason: null);
            return;
        }

        // What follows a node that was refused is not looked at more closely: its input is not known.
        if (node.Input.Any(input => input.Length > 0 && _values.GetValueOrDefault(input) is null))
        {
            foreach (string output in node.Output.Where(output => output.Length > 0))
                _values.TryAdd(output, null);
            return;
        }

        var import = new OnnxNodeImport(this, node, path);
        try
        {
            if (!ShapeFolding.TryFold(import))
                builder(import);
            import.Finish();
        }
        catch (OnnxNodeException e)
        {
            Refuse(e.Node, e.Message);
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or IndexOutOfRangeException or InvalidOperationException or ExternalException)
        {
            Refuse(node, $"its settings or shapes do not fit together: {e.Message.Split('\n')[0].TrimEnd('.')}");
        }
    }

    private static string FullType(NodeProto node) => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}::{node.OpType}";

    private string BeforeSoftmax(string output)
    {
        while (Model.Proto.Graph.Node.FirstOrDefault(node => node.Output.Contains(output)) is { OpType: "Softmax" or "Identity" } node)
        {
            output = node.Input[0];
            if (node.OpType == "Softmax")
                break;
        }

        return output;
    }

    // The nodes that the result needs; the model's own order is a running order.
    private List<NodeProto> Reachable(string result)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal) { result };
        var nodes = new List<NodeProto>();
        for (int i = Model.Proto.Graph.Node.Count - 1; i >= 0; i--)
        {
            NodeProto node = Model.Proto.Graph.Node[i];
            if (!node.Output.Any(wanted.Contains))
                continue;
            nodes.Add(node);
            wanted.UnionWith(node.Input);
        }

        nodes.Reverse();
        return nodes;
    }

    private Dictionary<NodeProto, string> ReserveParameters(List<NodeProto> nodes)
    {
        var reserved = new Dictionary<NodeProto, string>(ReferenceEqualityComparer.Instance);
        HashSet<string> constants = [.. Model.Proto.Graph.Initializer.Select(tensor => tensor.Name)];
        foreach (NodeProto node in nodes)
        {
            if (node.Input.All(constants.Contains))
            {
                constants.UnionWith(node.Output); // becomes no module
                continue;
            }

            // Of some nodes only the name tells whose weights theirs are, such as those that are brought into another shape first.
            _paths.Announce(ModulePaths.FromNames(node));
            if (ModulePaths.FromWeights(node, constants) is { } path && _paths.TryReserve(path))
                reserved.Add(node, path);
        }

        return reserved;
    }

    private List<(string Name, string Path, IReadOnlyList<long> Shape)> AddInputs()
    {
        var inputs = new List<(string, string, IReadOnlyList<long>)>();
        foreach (ValueInfoProto input in Model.Inputs.Where(input => _used.Contains(input.Name)))
        {
            if (input.Type?.TensorType is not { ElemType: (int)TensorProto.Types.DataType.Float, Shape: { } shape })
                throw new OnnxImportException($"The input '{input.Name}' of '{Model.Source}' is not a float32 tensor of a known number of axes; only such networks are imported, so export it with float32 inputs.");
            string path = _paths.Take(ModulePaths.Clean(input.Name), own: false);
            long[] lengths = [.. shape.Dim.Select(dim => dim.HasDimValue && dim.DimValue > 0 ? dim.DimValue : OnnxImportValue.Unknown)];
            _values.Add(input.Name, OnnxImportValue.Dynamic(input.Name, path, lengths));
            inputs.Add((input.Name, path, lengths));
        }

        return inputs;
    }

    // Steps that only folded constants or outputs beside the result took are no part of the network.
    private List<GraphNode> Needed(string output)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal) { output };
        var needed = new List<GraphNode>();
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (!wanted.Contains(_nodes[i].Path))
                continue;
            needed.Add(_nodes[i]);
            wanted.UnionWith(_nodes[i].Inputs);
        }

        foreach (nn.Module unused in _nodes.Select(node => node.Operation).Except(needed.Select(node => node.Operation), ReferenceEqualityComparer.Instance).Cast<nn.Module>())
            unused.Dispose();
        needed.Reverse();
        return needed;
    }
}
