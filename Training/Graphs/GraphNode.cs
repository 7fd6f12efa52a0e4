using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One step of a <see cref="GraphNetwork"/>.</summary>
/// <param name="Path">Its name and that of its result. Dots nest: <c>features.conv1</c> is <c>conv1</c> inside <c>features</c>.</param>
/// <param name="Operation">A module over one tensor (<c>Module&lt;Tensor, Tensor&gt;</c>), or a <see cref="Join"/> over several.</param>
/// <param name="Inputs">Paths of earlier nodes, or names of the network's inputs.</param>
public sealed record GraphNode(string Path, nn.Module Operation, IReadOnlyList<string> Inputs);
