using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>Networks by name, as the console and a run's description have them.</summary>
/// <example>
/// A network of one's own beside the built-in ones, for <see cref="TrainingJob"/> and <see cref="TrainedNetwork"/>:
/// <code>
/// NetworkCatalog networks = NetworkCatalog.Default.With(new NetworkDefinition("mine", new CustomNetworkOptions { Side = 64 }, options => MyNetwork(options)));
/// </code>
/// </example>
public sealed class NetworkCatalog
{
    private readonly Dictionary<string, NetworkDefinition> _definitions;

    private NetworkCatalog(IEnumerable<NetworkDefinition> definitions)
    {
        Definitions = [.. definitions];
        _definitions = Definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
    }

    /// <summary>AlexNet, VGG, GoogLeNet, ResNet and DenseNet.</summary>
    public static NetworkCatalog Default { get; } = new(BuiltInNetworks.All);

    /// <summary>All networks, in the order of their years.</summary>
    public IReadOnlyList<NetworkDefinition> Definitions { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => [.. Definitions.Select(definition => definition.Name)];

    /// <summary>This catalogue and one more network.</summary>
    /// <param name="definition">The network.</param>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public NetworkCatalog With(NetworkDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (_definitions.ContainsKey(definition.Name))
            throw new ArgumentException($"There is a network '{definition.Name}' already: give yours another name.", nameof(definition));
        return new NetworkCatalog([.. Definitions, definition]);
    }

    /// <summary>A network's definition.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no network of that name.</exception>
    public NetworkDefinition Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _definitions.TryGetValue(name, out NetworkDefinition? definition)
            ? definition
            : throw new ArgumentException($"There is no network '{name}': take {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>A new network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Size and variant, of the type of the definition's; null for the definition's.</param>
    /// <param name="towers">Whether it is split in two halves, each for a device of its own; AlexNet alone can be.</param>
    /// <exception cref="ArgumentException">There is no network of that name, the options are another network's, or it cannot be split.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public Module<Tensor, Tensor> Create(string name, NetworkOptions? options = null, bool towers = false)
    {
        NetworkDefinition definition = Get(name);
        options ??= definition.Options;
        if (options.GetType() != definition.Options.GetType())
            throw new ArgumentException($"The network '{name}' takes {definition.Options.GetType().Name}, not {options.GetType().Name}.", nameof(options));
        if (towers && definition.Options is not AlexNetOptions)
            throw new ArgumentException($"The network '{name}' cannot be split in two halves: only alexnet can. Give one device.", nameof(towers));
        Module<Tensor, Tensor> network = definition.Create(options);
        if (!towers)
            return network;
        using (network)
            return TwoTowerAlexNet.FromSingle((AlexNet)network);
    }
}

/// <summary>The built-in networks, in one line.</summary>
/// <example><c>using var network = Networks.Create("resnet18", classes: 10, side: 64, width: 0.5);</c></example>
public static class Networks
{
    /// <summary>A new network of <see cref="NetworkCatalog.Default"/>.</summary>
    /// <param name="name">Its name, such as vgg16, googlenet, resnet50 or densenet121.</param>
    /// <param name="classes">Number of outputs.</param>
    /// <param name="side">Side of the square input picture in pixels; null for the network's own, 224 for most.</param>
    /// <param name="width">Factor on the channel counts.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">There is no network of that name, or a value is outside its range.</exception>
    public static Module<Tensor, Tensor> Create(string name, int classes = 1000, int? side = null, double width = 1, long seed = 1)
    {
        NetworkOptions options = NetworkCatalog.Default.Get(name).Options;
        return NetworkCatalog.Default.Create(name, options with { Classes = classes, Side = side ?? options.Side, Width = width, Seed = seed });
    }
}
