using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Gives an imported network a classifier for other classes.</summary>
internal static class FreshClassifier
{
    private const double Deviation = 0.01; // as AlexNet's own (paper, section 5)

    /// <summary>Replaces the last layer with weights, unless it has the wanted number of outputs already.</summary>
    /// <exception cref="OnnxImportException">That layer is no classifier.</exception>
    public static List<GraphNode> Replace(List<GraphNode> nodes, OnnxImportOptions options, string source)
    {
        if (options.Classes is not { } classes)
            return nodes;
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1, nameof(options));
        int at = nodes.FindLastIndex(node => node.Operation.parameters().Any());
        nn.Module? old = at < 0 ? null : nodes[at].Operation;
        nn.Module? fresh = old switch
        {
            Linear linear when linear.weight!.shape[0] == classes => linear,
            Linear linear => nn.Linear(linear.weight!.shape[1], classes),
            Conv2d { groups: 1 } conv when conv.weight!.shape is [_, var channels, 1, 1] => conv.weight.shape[0] == classes ? conv : nn.Conv2d(channels, classes, 1),
            _ => throw new OnnxImportException($"'{source}' ends in no classifier that could be made for {classes} classes: its last layer with weights is {(old is null ? "none" : $"'{nodes[at].Path}', a {old.GetType().Name}")}."),
        };
        if (ReferenceEquals(fresh, old))
            return nodes;
        Tensor weight = (fresh as Linear)?.weight ?? ((Conv2d)fresh!).weight!, bias = (fresh as Linear)?.bias ?? ((Conv2d)fresh!).bias!;
        InitialWeights.Fill(weight, bias, Deviation, 0, options.Seed, at);
        old!.Dispose();
        nodes[at] = nodes[at] with { Operation = fresh! };
        return nodes;
    }
}
