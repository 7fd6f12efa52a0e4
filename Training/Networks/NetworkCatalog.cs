using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>Networks by name, as the console and a run's description have them.</summary>
public static class NetworkCatalog
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["alexnet"];

    /// <summary>A new network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Size and variant.</param>
    /// <param name="towers">Whether it is split in two halves, each for a device of its own.</param>
    /// <exception cref="ArgumentException">There is no network of that name, or it cannot be split.</exception>
    public static Module<Tensor, Tensor> Create(string name, AlexNetOptions options, bool towers = false)
    {
        RequireName(name);
        var network = new AlexNet(options);
        if (!towers)
            return network;
        using (network)
            return TwoTowerAlexNet.FromSingle(network);
    }

    /// <summary>Checks that there is a network of a name.</summary>
    internal static void RequireName(string name)
    {
        if (!Names.Contains(name))
            throw new ArgumentException($"There is no network '{name}': take {string.Join(", ", Names)}.", nameof(name));
    }
}
