using AlexNetMl.Onnx.Proto;
using Google.Protobuf.Collections;

namespace AlexNetMl.Onnx;

/// <summary>
/// What a well-formed message can still get wrong: names that occur twice or nowhere, nodes that run in a circle, tensors of another
/// size than they claim, files outside the model's folder.
/// </summary>
internal sealed class GraphCheck
{
    // Far above any network, far below what makes sums of sizes overflow.
    private const long MaxLength = int.MaxValue;
    private const long MaxElements = 1L << 40;

    private readonly string _source;
    private readonly ExternalData _external;
    private readonly IReadOnlyDictionary<TensorProto, long>? _rawLengths;

    private GraphCheck(string source, ExternalData external, IReadOnlyDictionary<TensorProto, long>? rawLengths)
    {
        _source = source;
        _external = external;
        _rawLengths = rawLengths;
    }

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="external">Where tensors beside the model lie.</param>
    /// <param name="source">What errors call the model.</param>
    /// <param name="rawLengths">How long the raw_data of tensors is whose bytes were not loaded, by identity; null where all were.</param>
    /// <exception cref="OnnxFormatException">Something is wrong; the message says what and where.</exception>
    public static void Check(ModelProto model, ExternalData external, string source, IReadOnlyDictionary<TensorProto, long>? rawLengths = null)
    {
        var check = new GraphCheck(source, external, rawLengths);
        check.CheckOpsets(model);
        check.CheckGraph(model.Graph, outer: null);
        check.CheckFunctions(model);
        external.RefuseOverlaps();
    }

    private void CheckOpsets(ModelProto model)
    {
        var domains = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto set in model.OpsetImport)
        {
            if (!domains.Add(set.Domain))
                throw Refuse($"it names two versions of the operator set '{set.Domain}'");
            if (set.Version is < 1 or > int.MaxValue)
                throw Refuse($"its operator set '{set.Domain}' has the version {set.Version}");
        }
    }

    private void CheckGraph(GraphProto graph, Scope? outer)
    {
        var scope = new Scope(outer);
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
        {
            if (input.Name.Length == 0 || !inputs.Add(input.Name) || !scope.Add(input.Name))
                throw Refuse($"an input has no name, or '{input.Name}' is the name of two");
            CheckType(input);
        }

        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorProto tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values ?? new TensorProto())))
        {
            // Until IR version 3 every initializer was an input too; since then one that is, is that input's default.
            if (tensor.Name.Length == 0 || !initializers.Add(tensor.Name) || (!inputs.Contains(tensor.Name) && !scope.Add(tensor.Name)))
                throw Refuse($"an initializer has no name, or '{tensor.Name}' is the name of two");
            TensorCheck.Check(tensor, _external, _source, _rawLengths is not null && _rawLengths.TryGetValue(tensor, out long length) ? length : null);
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
            CheckSparse(sparse);
        CheckNodes(graph.Node, scope);
        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (!outputs.Add(output.Name))
                throw Refuse($"'{output.Name}' is an output twice");
            if (!scope.Contains(output.Name))
                throw Refuse($"its output '{output.Name}' is made by no node");
            CheckType(output);
        }

        foreach (ValueInfoProto info in graph.ValueInfo)
            CheckType(info);
    }

    private void CheckNodes(RepeatedField<NodeProto> nodes, Scope scope)
    {
        HashSet<string>? later = null;
        for (int i = 0; i < nodes.Count; i++)
        {
            NodeProto node = nodes[i];
            string name = node.Name.Length > 0 ? $"node '{node.Name}' ({node.OpType})" : $"node {i} ({node.OpType})";
            if (node.OpType.Length == 0)
                throw Refuse($"its {name} names no operator");
            foreach (string input in node.Input)
            {
                if (input.Length == 0 || scope.Contains(input))
                    continue;
                later ??= [.. nodes.Skip(i).SelectMany(n => n.Output)];
                throw Refuse(later.Contains(input)
                    ? $"its {name} takes '{input}', which itself or a later node makes: the graph runs in a circle, or its nodes are not in running order"
                    : $"its {name} takes '{input}', which no input, initializer or node provides");
            }

            CheckAttributes(node, name, scope);
            foreach (string output in node.Output)
            {
                if (output.Length > 0 && !scope.Add(output))
                    throw Refuse($"its {name} makes '{output}', which exists already");
            }
        }
    }

    private void CheckAttributes(NodeProto node, string name, Scope scope)
    {
        var attributes = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Name.Length == 0 || !attributes.Add(attribute.Name))
                throw Refuse($"an attribute of its {name} has no name, or '{attribute.Name}' is the name of two");
            foreach (TensorProto tensor in attribute.T is { } one ? attribute.Tensors.Prepend(one) : attribute.Tensors)
                TensorCheck.Check(tensor, _external, _source);
            foreach (SparseTensorProto sparse in attribute.SparseTensor is { } one ? attribute.SparseTensors.Prepend(one) : attribute.SparseTensors)
                CheckSparse(sparse);
            foreach (GraphProto graph in attribute.G is { } one ? attribute.Graphs.Prepend(one) : attribute.Graphs)
                CheckGraph(graph, scope);
        }
    }

    private void CheckSparse(SparseTensorProto sparse)
    {
        if (sparse.Values is null || sparse.Indices is null)
            throw Refuse("a sparse tensor lacks its values or their places");
        TensorCheck.Check(sparse.Values, _external, _source);
        TensorCheck.Check(sparse.Indices, _external, _source);
        CheckShape(sparse.Dims, sparse.Values.Name);
    }

    private void CheckType(ValueInfoProto info)
    {
        if (info.Type?.TensorType?.Shape is { } shape)
            CheckShape([.. shape.Dim.Select(dim => dim.DimValue)], info.Name);
    }

    private void CheckShape(IReadOnlyList<long> shape, string name)
    {
        Int128 elements = 1;
        foreach (long length in shape)
        {
            // Some writers say -1 for a length that is not known.
            if (length is < -1 or > MaxLength)
                throw Refuse($"'{name}' has an axis of length {length}; a length is between 0 and {MaxLength}");
            elements *= Math.Max(1, length);
            if (elements > MaxElements)
                throw Refuse($"'{name}' has the shape [{string.Join(", ", shape)}] of more than {MaxElements} elements");
        }
    }

    private void CheckFunctions(ModelProto model)
    {
        var functions = new Dictionary<(string, string), FunctionProto>();
        foreach (FunctionProto function in model.Functions)
        {
            if (!functions.TryAdd((function.Domain, function.Name), function))
                throw Refuse($"it has two functions '{function.Name}' of the domain '{function.Domain}'");
            var scope = new Scope(null);
            foreach (string input in function.Input)
                scope.Add(input);
            CheckNodes(function.Node, scope);
        }

        // Calls in a circle: a function is done once all those that it calls are.
        var open = new HashSet<(string, string)>();
        var done = new HashSet<(string, string)>();
        foreach ((string, string) key in functions.Keys)
            Visit(key, depth: 0);

        void Visit((string Domain, string Name) key, int depth)
        {
            if (done.Contains(key) || !functions.TryGetValue(key, out FunctionProto? function))
                return;
            if (!open.Add(key) || depth > 100)
                throw Refuse($"its function '{key.Name}' calls itself, or calls are nested more than 100 deep");
            foreach (NodeProto node in function.Node)
                Visit((node.Domain, node.OpType), depth + 1);
            open.Remove(key);
            done.Add(key);
        }
    }

    private OnnxFormatException Refuse(string reason) => new($"'{_source}' is refused: {reason}.");

    // Names that nodes can take: the graph's own, and for a graph inside a node those around it.
    private sealed class Scope(Scope? outer)
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        public bool Contains(string name) => _names.Contains(name) || (outer?.Contains(name) ?? false);

        public bool Add(string name) => _names.Add(name);
    }
}
