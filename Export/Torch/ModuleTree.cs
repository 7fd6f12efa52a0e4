using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>One module of a network that is exported, and run for verification, as a whole.</summary>
/// <param name="Path">The names of the containers around it and its own, joined by dots.</param>
/// <param name="Module">The module.</param>
internal sealed record ModuleStep(string Path, nn.Module Module)
{
    /// <summary>Runs the module as its container would, hooks included.</summary>
    public Tensor Run(Tensor input) => ((nn.IModule<Tensor, Tensor>)Module).call(input);
}

/// <summary>The order in which a tree of <see cref="Sequential"/> containers runs its modules.</summary>
internal static class ModuleTree
{
    /// <summary>
    /// The modules in running order. A <see cref="Sequential"/>, and a class derived from it that does not change its forward, is
    /// replaced by its members, unless a handler is registered for the very type.
    /// </summary>
    public static IReadOnlyList<ModuleStep> Flatten(nn.Module<Tensor, Tensor> network, OnnxHandlerRegistry handlers)
    {
        var steps = new List<ModuleStep>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        if (IsPlainContainer(network, handlers))
        {
            Add(network, string.Empty);
        }
        else
        {
            steps.Add(new ModuleStep(network.GetType().Name, network));
        }

        return steps;

        void Add(nn.Module container, string prefix)
        {
            foreach ((string name, nn.Module child) in container.named_children())
            {
                string path = prefix.Length == 0 ? name : $"{prefix}.{name}";
                if (IsPlainContainer(child, handlers))
                {
                    Add(child, path);
                }
                else if (name.Length == 0 || !paths.Add(path))
                {
                    throw new OnnxExportException(
                        $"Two modules of the network have the path '{path}', or it is empty; give every member of a Sequential its own name.");
                }
                else
                {
                    steps.Add(new ModuleStep(path, child));
                }
            }
        }
    }

    /// <summary>Whether the network's result is a softmax over its classes already; what changes nothing in use may follow it.</summary>
    public static bool EndsWithSoftmax(IReadOnlyList<ModuleStep> steps) => SoftmaxIndex(steps) >= 0;

    /// <summary>The position of that softmax, or -1.</summary>
    public static int SoftmaxIndex(IReadOnlyList<ModuleStep> steps)
    {
        int last = steps.Count - 1;
        while (last >= 0 && steps[last].Module is Identity or Dropout or Dropout2d)
        {
            last--;
        }

        return last >= 0 && steps[last].Module is Softmax { dim: 1 or -1 } ? last : -1;
    }

    /// <summary>
    /// Whether a module can make more of its input's rounding than its largest value suggests: the saturating ones, whose results stay
    /// within 1 however large their input, and users' own, about which nothing is known.
    /// </summary>
    public static bool Magnifies(nn.Module module)
        => module is Softmax or Tanh or Sigmoid || !OnnxHandlerRegistry.Default.Knows(module.GetType());

    private static bool IsPlainContainer(nn.Module module, OnnxHandlerRegistry handlers)
        => module is Sequential && !handlers.Knows(module.GetType()) && !ChangesForward(module.GetType());

    // AlexNet's own forward differs in training only, where it runs several of its members as one.
    private static bool ChangesForward(Type type)
    {
        Type? declaring = type.GetMethod(nameof(Sequential.forward), [typeof(Tensor)])?.DeclaringType;
        return declaring != typeof(Sequential) && declaring != typeof(AlexNet);
    }
}
