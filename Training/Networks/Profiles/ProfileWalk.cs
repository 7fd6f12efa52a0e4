using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>What one output sees of the picture: its side in pixels, and the pixels between two neighbours.</summary>
internal sealed record Field(long Side, long Jump)
{
    public static Field Pixel { get; } = new(1, 1);

    public Field Through(long kernel, long stride, long dilation) => new(Side + dilation * (kernel - 1) * Jump, Jump * stride);
}

/// <summary>A value on its way: shape without the batch, the step that made it, what it sees (null: everything).</summary>
internal sealed record Traced(long[] Shape, string Path, Field? Field);

/// <summary>Follows a picture through containers and layers and writes down each step.</summary>
internal sealed class ProfileWalk(Device? device)
{
    private readonly List<LayerProfile> _layers = [];
    private readonly Dictionary<string, Traced> _results = new(StringComparer.Ordinal);
    private readonly HashSet<nn.Module> _counted = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<LayerProfile> Layers => _layers;

    public bool Knows(string path) => _results.ContainsKey(path);

    public Traced ResultOf(string path) => _results[path];

    public Traced Add(nn.Module module, string path, Traced input) => module switch
    {
        GraphNetwork graph => Graph(graph, path, input),
        Branches branches => Join(branches.Join, path.Length == 0 ? "join" : path, [.. branches.Members.Select(member => Add(member.Module, Inside(path, member.Name), input))]),
        Sequential => module.named_children().Aggregate(input, (value, child) => Add(child.Item2, Inside(path, child.Item1), value)),
        _ => Layer(module, path.Length == 0 ? module.GetType().Name : path, input),
    };

    private Traced Graph(GraphNetwork graph, string path, Traced input)
    {
        var values = new Dictionary<string, Traced>(StringComparer.Ordinal) { [graph.Inputs[0]] = input };
        foreach (GraphNode node in graph.Nodes)
        {
            Traced[] inputs = [.. node.Inputs.Select(name => values[name])];
            values[node.Path] = node.Operation is Join join ? Join(join, Inside(path, node.Path), inputs) : Add(node.Operation, Inside(path, node.Path), inputs[0]);
        }
        return values[graph.Output];
    }

    private Traced Join(Join join, string path, Traced[] inputs)
    {
        long[] shape = [.. inputs[0].Shape];
        if (join is Concatenation { dim: 1 })
            shape[0] = inputs.Sum(input => input.Shape[0]);
        Field? field = inputs.Any(input => input.Field is null) ? null : inputs.Select(input => input.Field!).MaxBy(one => one.Side);
        return Keep(join, path, "", inputs, shape, 0, field);
    }

    private Traced Layer(nn.Module module, string path, Traced input)
    {
        long[] shape = input.Shape;
        switch (module)
        {
            case Conv2d conv:
                (long[] maps, Field? seen) = Window(input, conv.kernel_size, conv.stride, Padding(conv), conv.dilation, ceiling: false);
                return Keep(
                    conv, path, Text(conv.kernel_size, conv.stride, conv.groups), [input], [conv.out_channels, .. maps],
                    conv.out_channels * maps[0] * maps[1] * (conv.in_channels / conv.groups) * conv.kernel_size[0] * conv.kernel_size[1], seen);
            case Linear linear:
                return Keep(linear, path, "", [input], [.. shape[..^1], linear.out_features], linear.in_features * linear.out_features, null);
            case MaxPool2d pool:
                return Pool(pool, path, input, pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode);
            case AvgPool2d pool:
                return Pool(pool, path, input, pool.kernel_size, pool.stride, pool.padding, null, pool.ceil_mode);
            case AdaptiveAvgPool2d pool:
                bool same = pool.output_size[0] == shape[1] && pool.output_size[^1] == shape[2];
                return Keep(pool, path, $"to {pool.output_size[0]}×{pool.output_size[^1]}", [input], [shape[0], pool.output_size[0], pool.output_size[^1]], 0, same ? input.Field : null);
            case Flatten:
                return Keep(module, path, "", [input], [shape.Aggregate(1L, (product, length) => product * length)], 0, null);
            case ZeroPad2d:
            case SpatialResponseNorm:
                return Run(module, path, input, input.Field);
            case ReLU or Tanh or Dropout or Identity or BatchNorm or FusedLocalResponseNorm or LocalResponseNorm or Softmax:
                return Keep(module, path, "", [input], shape, 0, input.Field);
            default:
                return Run(module, path, input, null);
        }
    }

    private Traced Pool(nn.Module module, string path, Traced input, long[] kernel, long[]? stride, long[]? padding, long[]? dilation, bool ceiling)
    {
        (long[] maps, Field? field) = Window(input, kernel, stride ?? kernel, padding, dilation, ceiling);
        return Keep(module, path, Text(kernel, stride ?? kernel, 1), [input], [input.Shape[0], .. maps], 0, field);
    }

    // A module whose rule is not known here: its result's shape is what it makes of zeros.
    private Traced Run(nn.Module module, string path, Traced input, Field? field)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Device place = module.parameters().FirstOrDefault()?.device ?? (device?.type == TorchSharp.DeviceType.META ? CPU : device ?? CPU);
        Tensor result = ((nn.Module<Tensor, Tensor>)module).call(zeros([1, .. input.Shape], device: place));
        return Keep(module, path, "", [input], result.shape[1..], 0, field);
    }

    private Traced Keep(nn.Module module, string path, string description, IReadOnlyList<Traced> inputs, long[] shape, long multiplyAdds, Field? field)
    {
        long parameters = _counted.Add(module) ? module.parameters().Sum(parameter => parameter.numel()) : 0;
        _layers.Add(new LayerProfile(path, module.GetType().Name, description, [.. inputs.Select(input => input.Path).Where(name => name.Length > 0)], shape, parameters, multiplyAdds, field?.Side) { Module = module });
        return _results[path] = new Traced(shape, path, field);
    }

    private static (long[] Maps, Field? Field) Window(Traced input, long[] kernel, long[] stride, long[]? padding, long[]? dilation, bool ceiling)
    {
        var maps = new long[2];
        for (int axis = 0; axis < 2; axis++)
        {
            long k = At(kernel, axis, 1), s = At(stride, axis, 1), p = At(padding, axis, 0), d = At(dilation, axis, 1), length = input.Shape[axis + 1];
            long count = (length + 2 * p - d * (k - 1) - 1 + (ceiling ? s - 1 : 0)) / s + 1;
            maps[axis] = ceiling && (count - 1) * s >= length + p ? count - 1 : count;
            if (maps[axis] < 1)
                throw new ArgumentException($"Maps of {string.Join('×', input.Shape)} are too small for a window of {k}: take larger pictures.", nameof(input));
        }
        return (maps, input.Field?.Through(At(kernel, 0, 1), At(stride, 0, 1), At(dilation, 0, 1)));
    }

    // torch's "same" has no numbers; of even kernels it pads one side by one more, which makes as many windows.
    private static long[]? Padding(Conv2d conv) =>
        conv.padding_type == TorchSharp.Padding.Same ? [.. conv.kernel_size.Select((length, axis) => (At(conv.dilation, axis, 1) * (length - 1) + 1) / 2)] : conv.padding;

    private static string Text(long[] kernel, long[] stride, long groups)
    {
        string step = At(stride, 0, 1) == 1 ? "" : $", stride {At(stride, 0, 1)}";
        return $"{At(kernel, 0, 1)}×{At(kernel, 1, 1)}{step}{(groups == 1 ? "" : $", {groups} groups")}";
    }

    private static long At(long[]? values, int axis, long otherwise) => values is null or [] ? otherwise : values.Length == 1 ? values[0] : values[axis];

    private static string Inside(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
