using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// An <see cref="AlexNet"/> in two halves, each with its own modules on its own device, as the paper's two GPUs had it (section 3.2, figure 2).
/// </summary>
/// <remarks>
/// Input <c>[N, 3, side, side]</c> on any device, output <c>[N, classes]</c> on the first. A tower has half the kernels of every layer. It reads the
/// other's results in conv3, fc6 and fc7 only and, where normalization sums over all maps, two maps of the other at the border. fc8 reads
/// both and lives on the first device. Parameters are named first.conv1.weight, second.conv1.weight, … fc8.bias. With the same weights it computes
/// what the grouped network on one device does, up to rounding.
/// </remarks>
public sealed class TwoTowerAlexNet : nn.Module<Tensor, Tensor>, IImageNetwork
{
    private const string Classifier = "fc8";

    // What reads both towers' results.
    private static readonly string[] JoiningLayers = ["conv3", "fc6", "fc7"];

    private readonly Linear _classifier;

    /// <summary>A network with the initial weights that an <see cref="AlexNet"/> of these options has, on the CPU.</summary>
    /// <param name="options">Size and variant; Grouped, not HalfSize.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">The options describe a network of one tower.</exception>
    public TwoTowerAlexNet(AlexNetOptions options)
        : this(AlexNet.Checked(options), weights: null)
    {
    }

    private TwoTowerAlexNet(AlexNetOptions options, AlexNet? weights)
        : base(nameof(TwoTowerAlexNet))
    {
        if (options.Towers != 2)
            throw new ArgumentException($"{nameof(options.Grouped)} = {options.Grouped} with {nameof(options.HalfSize)} = {options.HalfSize} is a network of one tower: two take true and false.", nameof(options));
        Options = options;
        First = nn.Sequential([.. AlexNet.Layers(options, parts: 2)]);
        Second = nn.Sequential([.. AlexNet.Layers(options, parts: 2)]);
        _classifier = nn.Linear(options.Channels(4096), options.Classes);      // behind fc7, or fc6 where fc7 is removed
        register_module("first", First);
        register_module("second", Second);
        register_module(Classifier, _classifier);
        using AlexNet? fresh = weights is null ? new AlexNet(options) : null;
        Copy(weights ?? fresh!, toTowers: true);
        train((weights ?? fresh!).training);
    }

    /// <summary>The size and variant of the whole network.</summary>
    public AlexNetOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    internal Sequential First { get; }

    internal Sequential Second { get; }

    /// <summary>The same network in two towers on the CPU; the weights are copied, <paramref name="network"/> stays as it is.</summary>
    /// <param name="network">A grouped network on any device.</param>
    /// <exception cref="ArgumentException">It has one tower.</exception>
    public static TwoTowerAlexNet FromSingle(AlexNet network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new TwoTowerAlexNet(network.Options, network);
    }

    /// <summary>The same network in one piece on the CPU, with a copy of the weights: what is exported and stored. Dispose it.</summary>
    public AlexNet ToSingle()
    {
        var network = new AlexNet(Options);
        Copy(network, toTowers: false);
        network.train(training);
        return network;
    }

    /// <summary>Moves the towers; fc8 goes with the first. Optimisers are made afterwards: a move makes new parameters.</summary>
    /// <param name="first">Device of the first tower and of the output.</param>
    /// <param name="second">Device of the second tower; may be the same.</param>
    public void MoveTo(Device first, Device second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        Move(First, first);
        Move(_classifier, first);
        Move(Second, second);

        static void Move(nn.Module module, Device device)
        {
            using Tensor example = empty(0L, dtype: ScalarType.Float32, device: device);
            module._to(example, non_blocking: false);
        }
    }

    /// <summary>Runs both towers, layer by layer.</summary>
    /// <param name="input">Pictures <c>[N, 3, side, side]</c>.</param>
    /// <returns>Logits <c>[N, classes]</c> on the first tower's device.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        Device first = DeviceOf(First), second = DeviceOf(Second);
        Tensor a = input.to(first), b = input.to(second);
        foreach (((string name, nn.Module one), (_, nn.Module other)) in First.named_children().Zip(Second.named_children()))
        {
            var (layerA, layerB) = ((nn.Module<Tensor, Tensor>)one, (nn.Module<Tensor, Tensor>)other);
            if (JoiningLayers.Contains(name))
                (a, b) = Join(a, b, first, second);
            (a, b) = one is FusedLocalResponseNorm norm && Options.ResponseNormScope == ResponseNormScope.AllChannels
                ? NormalizeAcross(norm.size, layerA, a, layerB, b)
                : (layerA.call(a), layerB.call(b));
        }
        Tensor both = cat([a, b.to(first)], 1);
        return _classifier.call(both).MoveToOuterDisposeScope();
    }

    // The towers' maps, or features, one behind the other: for each tower on its device.
    private static (Tensor A, Tensor B) Join(Tensor a, Tensor b, Device first, Device second)
    {
        Tensor both = cat([a, b.to(first)], 1);
        return (both, SameDevice(first, second) ? both : cat([a.to(second), b], 1));
    }

    // A window of n maps reaches n / 2 back and (n - 1) / 2 on: so many maps each tower borrows at the border, and drops their results.
    private static (Tensor A, Tensor B) NormalizeAcross(long size, nn.Module<Tensor, Tensor> layerA, Tensor a, nn.Module<Tensor, Tensor> layerB, Tensor b)
    {
        long maps = a.shape[1], before = Math.Min(maps, size / 2), after = Math.Min(maps, (size - 1) / 2);
        Tensor wideA = cat([a, b.narrow(1, 0, after).to(a.device)], 1);
        Tensor wideB = cat([a.narrow(1, maps - before, before).to(b.device), b], 1);
        return (layerA.call(wideA).narrow(1, 0, maps), layerB.call(wideB).narrow(1, before, maps));
    }

    // A layer's kernels are the first dimension of weight and bias: the first half is the first tower's, whatever it reads.
    private void Copy(AlexNet single, bool toTowers)
    {
        using IDisposable noGradients = no_grad();
        using var scope = NewDisposeScope();
        Dictionary<string, Parameter> own = named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        foreach ((string name, Parameter whole) in single.named_parameters())
        {
            if (own.TryGetValue(name, out Parameter? same))
            {
                Assign(whole, same);
                continue;
            }
            long half = whole.shape[0] / 2;
            Assign(whole.narrow(0, 0, half), own["first." + name]);
            Assign(whole.narrow(0, half, half), own["second." + name]);
        }

        void Assign(Tensor part, Tensor ours)
        {
            if (toTowers)
                ours.copy_(part);
            else
                part.copy_(ours);
        }
    }

    private static Device DeviceOf(nn.Module tower) => tower.parameters().First().device;

    private static bool SameDevice(Device a, Device b) => a.type == b.type && (a.type == DeviceType.CPU || a.index == b.index);
}
