using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// A network given as a list of named steps, each over results of earlier ones: what an imported file becomes and most networks of the catalogue are, trainable
/// like any other module. Parameters are named after the steps, <c>features.conv1.weight</c>.
/// </summary>
public class GraphNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Dictionary<string, int> _lastUse = new(StringComparer.Ordinal);

    /// <summary>Takes the nodes' modules over.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="inputs">Names of what it takes; <see cref="forward"/> serves networks of one input.</param>
    /// <param name="nodes">The steps, each after those whose results it takes.</param>
    /// <param name="output">The path of the node, or the input, whose value is the result.</param>
    /// <exception cref="ArgumentException">A name is empty, missing or taken, or an operation does not fit its number of inputs.</exception>
    public GraphNetwork(string name, IReadOnlyList<string> inputs, IReadOnlyList<GraphNode> nodes, string output)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(output);
        Inputs = [.. inputs];
        Nodes = [.. nodes];
        Output = output;
        var known = new NameSet();
        foreach (string input in inputs)
            known.Add(input);
        for (int i = 0; i < nodes.Count; i++)
        {
            RequireFitting(nodes[i]);
            foreach (string input in nodes[i].Inputs)
            {
                RequireKnown(known, input, nodes[i].Path);
                _lastUse[input] = i;
            }

            known.Add(nodes[i].Path);
        }

        RequireKnown(known, output, "the network's result");
        _lastUse[output] = nodes.Count;
        Register();
    }

    /// <summary>Names of what it takes.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The steps in running order.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Whose value is the result.</summary>
    public string Output { get; }

    /// <summary>Runs a network of one input.</summary>
    /// <param name="input">Its input.</param>
    /// <returns>The value of <see cref="Output"/>.</returns>
    /// <exception cref="InvalidOperationException">It has more inputs, or none.</exception>
    public override Tensor forward(Tensor input)
        => Inputs.Count == 1 ? Run([input]) : throw new InvalidOperationException($"The network takes {Inputs.Count} inputs ({string.Join(", ", Inputs)}): call Run with all of them.");

    /// <summary>Runs the network. A value is given up after the last step that takes it.</summary>
    /// <param name="inputs">One tensor for each of <see cref="Inputs"/>; they stay the caller's.</param>
    /// <returns>The value of <see cref="Output"/>; the caller disposes it, unless it is one of the inputs.</returns>
    /// <exception cref="ArgumentException">Another number of tensors.</exception>
    public Tensor Run(IReadOnlyList<Tensor> inputs) => Run(inputs, [Output])[0];

    /// <summary>Runs the network up to its end and keeps values of inner steps as well.</summary>
    /// <param name="inputs">One tensor for each of <see cref="Inputs"/>; they stay the caller's.</param>
    /// <param name="wanted">Paths of nodes.</param>
    /// <returns>Their values in that order; the caller disposes them, unless they are among the inputs.</returns>
    /// <exception cref="ArgumentException">Another number of tensors.</exception>
    protected IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(wanted);
        if (inputs.Count != Inputs.Count)
            throw new ArgumentException($"{inputs.Count} tensors were given for the inputs {string.Join(", ", Inputs)}.", nameof(inputs));
        using var scope = NewDisposeScope();
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Count; i++)
            values[Inputs[i]] = inputs[i];
        for (int i = 0; i < Nodes.Count; i++)
        {
            GraphNode node = Nodes[i];
            values[node.Path] = node.Operation is Join join
                ? join.call([.. node.Inputs.Select(name => values[name])])
                : ((nn.Module<Tensor, Tensor>)node.Operation).call(values[node.Inputs[0]]);
            GiveUp(values, node, i, inputs, wanted);
        }

        return [.. wanted.Select(name => values[name]).Select(result => inputs.Contains(result, ReferenceEqualityComparer.Instance) ? result : result.MoveToOuterDisposeScope())];
    }

    // A layer that works in place, or changes nothing, may have given its input back as its result: the same object under two names.
    private void GiveUp(Dictionary<string, Tensor> values, GraphNode node, int step, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted)
    {
        foreach (string name in node.Inputs)
        {
            if (_lastUse[name] != step || wanted.Contains(name) || !values.Remove(name, out Tensor? value))
                continue;
            if (!values.Values.Contains(value, ReferenceEqualityComparer.Instance) && !inputs.Contains(value, ReferenceEqualityComparer.Instance))
                value.Dispose();
        }

        if (!_lastUse.ContainsKey(node.Path) && values.Remove(node.Path, out Tensor? unused) && !values.Values.Contains(unused, ReferenceEqualityComparer.Instance)
            && !inputs.Contains(unused, ReferenceEqualityComparer.Instance))
            unused.Dispose();
    }

    // A module that serves several nodes is registered with the first, so that its parameters are there once.
    private void Register()
    {
        var seen = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        var groups = new Dictionary<string, nn.Module>(StringComparer.Ordinal);
        foreach (GraphNode node in Nodes)
        {
            if (!seen.Add(node.Operation))
                continue;
            string[] parts = node.Path.Split('.');
            nn.Module parent = this;
            for (int depth = 1; depth < parts.Length; depth++)
            {
                string prefix = string.Join('.', parts[..depth]);
                if (!groups.TryGetValue(prefix, out nn.Module? group))
                {
                    group = new Group(parts[depth - 1]);
                    parent.register_module(parts[depth - 1], group);
                    groups.Add(prefix, group);
                }

                parent = group;
            }

            parent.register_module(parts[^1], node.Operation);
        }
    }

    // Names, and in another set what stands before their dots.
    private sealed class NameSet
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly HashSet<string> _prefixes = new(StringComparer.Ordinal);

        public bool Contains(string name) => _names.Contains(name);

        public void Add(string name)
        {
            if (string.IsNullOrEmpty(name) || name.Split('.').Any(part => part.Length == 0))
                throw new ArgumentException($"'{name}' is no name of a node: it is empty, or a part of it between dots is.", nameof(name));
            if (!_names.Add(name))
                throw new ArgumentException($"Two nodes, or a node and an input, are named '{name}'; give each its own name.", nameof(name));
            string? clash = _prefixes.Contains(name) ? name : null;
            for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                _prefixes.Add(name[..dot]);
                clash ??= _names.Contains(name[..dot]) ? name[..dot] : null;
            }

            if (clash is not null)
                throw new ArgumentException($"'{clash}' cannot be both a node and what '{name}' or another node is a part of; rename it.", nameof(name));
        }
    }

    private static void RequireKnown(NameSet known, string name, string user)
    {
        if (!known.Contains(name))
            throw new ArgumentException($"{user} takes '{name}', which is neither an input nor an earlier node.", nameof(name));
    }

    private static void RequireFitting(GraphNode node)
    {
        bool fits = node.Operation switch
        {
            Join => node.Inputs.Count >= 2,
            nn.Module<Tensor, Tensor> => node.Inputs.Count == 1,
            _ => false,
        };
        if (!fits)
            throw new ArgumentException($"The node '{node.Path}' is a {node.Operation.GetType().Name} over {node.Inputs.Count} tensors: a Join takes two or more, any other module one.", nameof(node));
    }

    // What a dot in a path stands for.
    private sealed class Group(string name) : nn.Module(name);
}
