using AlexNetMl.Imaging;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>The network that a run has come to: its best weights, else its last.</summary>
public sealed class TrainedNetwork : IDisposable
{
    private TrainedNetwork(Module<Tensor, Tensor> network, RunDescription run, ImagePreprocessing preprocessing, string weights) =>
        (Network, Run, Preprocessing, Weights) = (network, run, preprocessing, weights);

    /// <summary>The network, on the CPU, in evaluation mode.</summary>
    public Module<Tensor, Tensor> Network { get; }

    /// <summary>What was trained and how.</summary>
    public RunDescription Run { get; }

    /// <summary>How a picture becomes a tensor.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>The file that the weights came from.</summary>
    public string Weights { get; }

    /// <summary>Reads a run: best.safetensors, else the later of weights.safetensors and the newest whole checkpoint. The run may still be training.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="networks">Where its network is defined; null for <see cref="NetworkCatalog.Default"/>.</param>
    /// <exception cref="ArgumentException">There is no such network there.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no run, or the run no weights yet.</exception>
    /// <exception cref="InvalidDataException">A file of the run cannot be read, or the weights are not of its network.</exception>
    public static TrainedNetwork Load(string folder, NetworkCatalog? networks = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (RunDescription run, ImagePreprocessing preprocessing) = RunDescription.Read(folder);
        string best = Path.Combine(folder, RunFiles.Best);
        string weights = (File.Exists(best) ? best : Last(folder))
            ?? throw new FileNotFoundException($"The run in '{folder}' has no whole weights yet: wait for its first checkpoint.");
        Module<Tensor, Tensor> network = (networks ?? NetworkCatalog.Default).Create(run.Architecture, run.Network, run.Towers);
        try
        {
            SafeTensors.LoadWeights(network, weights);
            network.eval();
            return new TrainedNetwork(network, run, preprocessing, weights);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    // A run that ended and goes on has left the weights of its former end behind as soon as it has a checkpoint after them.
    private static string? Last(string folder)
    {
        string weights = Path.Combine(folder, RunFiles.Weights);
        var checkpoints = new CheckpointStore(Path.Combine(folder, RunFiles.Checkpoints));
        long? end = File.Exists(weights) ? WeightsNote.Step(weights) : null;
        return checkpoints.NewestWhole(after: end ?? -1) is { } step ? checkpoints.WeightsPath(step) : end is null ? null : weights;
    }
}
