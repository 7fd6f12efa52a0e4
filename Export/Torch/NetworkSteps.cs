using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// The modules of a network in running order, containers resolved: <see cref="Sequential"/>, <see cref="Branches"/> and
/// <see cref="GraphNetwork"/>, and classes derived from Sequential that do not change its forward, unless a handler is registered for
/// the very type.
/// </summary>
internal sealed class NetworkSteps
{
    /// <summary>The index that stands for the network's input.</summary>
    public const int Input = -1;

    private readonly OnnxHandlerRegistry _handlers;
    private readonly List<ModuleStep> _steps = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <param name="network">The network.</param>
    /// <param name="handlers">The modules that are not resolved.</param>
    /// <param name="folds">
    /// Whether a batch normalisation, by its path, becomes part of the convolution before it where it can; the step then bears the convolution's path.
    /// </param>
    /// <exception cref="OnnxExportException">Two modules have the same path, or one has none.</exception>
    public NetworkSteps(nn.Module<Tensor, Tensor> network, OnnxHandlerRegistry handlers, Func<string, bool> folds)
    {
        _handlers = handlers;
        Result = IsContainer(network) ? Add(network, string.Empty, Input) : AddStep(network.GetType().Name, network, [Input]);
        Fold(folds);
        Prune();
        Softmax = FindSoftmax();
    }

    /// <summary>The steps; each takes results of earlier ones, each but the last one's is taken by another.</summary>
    public IReadOnlyList<ModuleStep> Steps => _steps;

    /// <summary>The step whose result is the network's, or <see cref="Input"/>.</summary>
    public int Result { get; private set; }

    /// <summary>
    /// The step that is a softmax over the classes and, but for modules that change nothing in use, the last one; or -1.
    /// </summary>
    public int Softmax { get; }

    /// <summary>The step that makes the logits: the last one before <see cref="Softmax"/>, or at all, that changes something in use; or -1.</summary>
    public int Logits => Effective(Softmax < 0 ? Result : _steps[Softmax].Inputs[0]);

    private int Add(nn.Module module, string path, int input)
    {
        if (!IsContainer(module))
            return AddStep(path, module, [input]);
        switch (module)
        {
            case GraphNetwork graph:
                return AddGraph(graph, path, input);
            case Branches branches:
                int[] results = [.. branches.Members.Select(branch => Add(branch.Module, Inside(path, branch.Name), input))];
                return AddStep(path.Length == 0 ? "join" : path, branches.Join, results);
            default:
                foreach ((string name, nn.Module child) in module.named_children())
                    input = Add(child, Inside(path, name), input);
                return input;
        }
    }

    private int AddGraph(GraphNetwork graph, string path, int input)
    {
        if (graph.Inputs.Count != 1)
            throw new OnnxExportException($"The network takes {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs)}), but an image network has one.");
        var values = new Dictionary<string, int>(StringComparer.Ordinal) { [graph.Inputs[0]] = input };
        foreach (GraphNode node in graph.Nodes)
        {
            values[node.Path] = node.Operation is Join
                ? AddStep(Inside(path, node.Path), node.Operation, [.. node.Inputs.Select(name => values[name])])
                : Add(node.Operation, Inside(path, node.Path), values[node.Inputs[0]]);
        }

        return values[graph.Output];
    }

    private int AddStep(string path, nn.Module module, IReadOnlyList<int> inputs)
    {
        if (path.Length == 0 || path.EndsWith('.') || !_paths.Add(path))
            throw new OnnxExportException($"Two modules of the network have the path '{path}', or it is empty; give every member of a Sequential its own name.");
        _steps.Add(new ModuleStep(path, module, inputs));
        return _steps.Count - 1;
    }

    private void Fold(Func<string, bool> folds)
    {
        int[] users = new int[_steps.Count];
        foreach (int input in _steps.SelectMany(step => step.Inputs).Append(Result).Where(input => input >= 0))
            users[input]++;
        var replaced = new Dictionary<int, int>();
        for (int i = 0; i < _steps.Count; i++)
        {
            int before = _steps[i].Inputs[0];
            _steps[i] = _steps[i] with { Inputs = [.. _steps[i].Inputs.Select(input => replaced.GetValueOrDefault(input, input))] };
            if (before < 0 || users[before] > 1 || !FoldedConvolution.Fits(_steps[before].Module, _steps[i].Module) || !folds(_steps[i].Path))
                continue;
            _steps[before] = _steps[before] with { Module = new FoldedConvolution((Convolution)_steps[before].Module, (BatchNorm)_steps[i].Module) };
            replaced[i] = before;
        }

        Result = replaced.GetValueOrDefault(Result, Result);
    }

    // What leads nowhere is not part of the network.
    private void Prune()
    {
        bool[] used = new bool[_steps.Count];
        if (Result >= 0)
            used[Result] = true;
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            foreach (int input in used[i] ? _steps[i].Inputs : [])
            {
                if (input >= 0)
                    used[input] = true;
            }
        }

        int[] index = new int[_steps.Count];
        int kept = 0;
        for (int i = 0; i < _steps.Count; i++)
        {
            index[i] = kept;
            if (used[i])
                _steps[kept++] = _steps[i] with { Inputs = [.. _steps[i].Inputs.Select(input => input < 0 ? input : index[input])] };
        }

        _steps.RemoveRange(kept, _steps.Count - kept);
        Result = Result < 0 ? Result : index[Result];
    }

    private int FindSoftmax()
    {
        int last = Effective(Result);
        return last >= 0 && _steps[last].Module is Softmax { dim: 1 or -1 } ? last : -1;
    }

    private int Effective(int step)
    {
        while (step >= 0 && _steps[step].Module is Identity or Dropout or Dropout2d)
            step = _steps[step].Inputs[0];
        return step;
    }

    private bool IsContainer(nn.Module module)
        => !_handlers.Knows(module.GetType()) && (module is Branches or GraphNetwork || (module is Sequential && !ChangesForward(module.GetType())));

    // AlexNet's own forward differs in training only, where it runs several of its members as one.
    private static bool ChangesForward(Type type)
    {
        Type? declaring = type.GetMethod(nameof(Sequential.forward), [typeof(Tensor)])?.DeclaringType;
        return declaring != typeof(Sequential) && declaring != typeof(AlexNet);
    }

    private static string Inside(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
