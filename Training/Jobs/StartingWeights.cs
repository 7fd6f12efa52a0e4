using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>A file of weights that a run starts from, looked at before minutes of reading pictures, and read after.</summary>
internal sealed class StartingWeights
{
    private readonly string _path;
    private readonly WeightDifferences _differences;

    private StartingWeights(string path, WeightDifferences differences) => (_path, _differences) = (path, differences);

    /// <summary>
    /// Checks that the file is this network's. A class count or a side of one's own changes shapes, never names: a file that lacks names or has others is another network's.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="description">The run, which names the file.</param>
    /// <param name="frozen">The network's definition where all layers but the classifier are to keep these weights; else null.</param>
    /// <exception cref="InvalidDataException">It is not; the message lists what is missing, what is left over and what has another shape.</exception>
    internal static StartingWeights Check(Module<Tensor, Tensor> network, RunDescription description, NetworkDefinition? frozen)
    {
        string path = description.From!;
        WeightDifferences differences = SafeTensors.CompareWeights(network, path);
        if (differences.Missing.Count > 0 || differences.Unexpected.Count > 0)
            throw new InvalidDataException($"The weights in '{path}' are not those of {description.Architecture}: {differences}. Name the network that they are of with --arch.");
        if (frozen is not null)
        {
            string[] classifiers = [frozen.ClassifierOf(network), .. ((network as IAuxiliaryClassifiers)?.Auxiliaries ?? []).Select(head => head.Classifier)];
            WeightDifferences rest = differences with { ShapeMismatches = [.. differences.ShapeMismatches.Where(line => !classifiers.Any(layer => line.StartsWith($"{layer}.", StringComparison.Ordinal)))] };
            if (!rest.None)
                throw new InvalidDataException($"All layers but the classifier are to keep the weights of '{path}', but some would start anew: {rest}. Take the side and width that they were trained with, or train without --freeze.");
        }
        return new StartingWeights(path, differences);
    }

    /// <summary>Reads what fits.</summary>
    internal void Load(Module network, Action<string>? notice)
    {
        SafeTensors.LoadWeights(network, _path, strict: false);
        notice?.Invoke(_differences.None ? $"weights: all from {_path}" : $"weights: from {_path}, but not these, which start anew: {_differences}");
    }
}
