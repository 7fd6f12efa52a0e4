using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>What a network costs and sees, computed from its definition: nothing is run, and of the catalogue's networks no weights are made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="InputSide">Side of the input picture in pixels.</param>
/// <param name="Layers">Its steps in running order, those of further classifiers not among them.</param>
/// <param name="Parameters">Numbers it learns, all classifiers included.</param>
/// <param name="ParametersInUse">Numbers that scoring needs: without further classifiers.</param>
public sealed record NetworkProfile(string Name, int InputSide, IReadOnlyList<LayerProfile> Layers, long Parameters, long ParametersInUse)
{
    /// <summary>The further classifiers that training alone runs, on layers among <see cref="Layers"/>. What they cost is in <see cref="Parameters"/> and in no other figure.</summary>
    public IReadOnlyList<AuxiliaryProfile> Auxiliaries { get; init; } = [];

    /// <summary>Multiplications with an addition that one picture costs in convolutions and fully connected layers; twice as many floating point operations.</summary>
    public long MultiplyAdds => Layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>Values that convolutions and fully connected layers give for one picture: "neurons" in the AlexNet paper, "activations" since Radosavovic et al. (2020).</summary>
    public long Activations => Layers.Where(IsWeighted).Sum(layer => layer.OutputShape.Aggregate(1L, (product, length) => product * length));

    /// <summary>Layers with weights one after the other, along the longest way: the depth in a network's name.</summary>
    public int Depth
    {
        get
        {
            var depths = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (LayerProfile layer in Layers)
                depths[layer.Path] = layer.Inputs.Select(input => depths.GetValueOrDefault(input)).DefaultIfEmpty().Max() + (IsWeighted(layer) ? 1 : 0);
            return depths.Values.DefaultIfEmpty().Max();
        }
    }

    /// <summary>Side in pixels of what one output of the last layer with maps can see, beyond the picture's border where it is larger than that; null where unknown.</summary>
    public long? ReceptiveField => Layers.LastOrDefault(layer => layer.ReceptiveField is not null)?.ReceptiveField;

    /// <summary>A network of a catalogue.</summary>
    /// <param name="definition">The network.</param>
    /// <param name="options">Size and variant; null for the definition's.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public static NetworkProfile Of(NetworkDefinition definition, NetworkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        options ??= definition.Options;
        options.Validate();
        using Module<Tensor, Tensor> network = definition.Outline(options);
        return Of(network, options.Side, definition.Name);
    }

    /// <summary>Any network of modules that this library exports; others are run once on a picture of zeros for the shape of their result, and cost nothing here.</summary>
    /// <param name="network">The network.</param>
    /// <param name="side">Side of the input picture.</param>
    /// <param name="name">Its name; null for its type's.</param>
    public static NetworkProfile Of(Module<Tensor, Tensor> network, int side, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var walk = new ProfileWalk(network.parameters().FirstOrDefault()?.device);
        bool training = network.training;
        network.eval();
        walk.Add(network, "", new Traced([3, side, side], "", Field.Pixel));
        LayerProfile[] layers = [.. walk.Layers];
        AuxiliaryProfile[] auxiliaries = network is IAuxiliaryClassifiers further ? [.. further.Auxiliaries.Where(head => walk.Knows(head.Input)).Select(head => Auxiliary(walk, network, head, further.AuxiliaryWeight))] : [];
        network.train(training);
        return new NetworkProfile(name ?? network.GetType().Name, side, layers, network.parameters().Sum(parameter => parameter.numel()), layers.Sum(layer => layer.Parameters)) { Auxiliaries = auxiliaries };
    }

    private static AuxiliaryProfile Auxiliary(ProfileWalk walk, Module<Tensor, Tensor> network, AuxiliaryClassifier head, double lossWeight)
    {
        int before = walk.Layers.Count;
        walk.Add(network.named_modules().First(child => child.name == head.Path).module, head.Path, walk.ResultOf(head.Input));
        return new AuxiliaryProfile(head.Path, head.Input, lossWeight, [.. walk.Layers.Skip(before)]);
    }

    private static bool IsWeighted(LayerProfile layer) => layer.MultiplyAdds > 0;
}
