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

    /// <summary>Reads a run: best.safetensors, else weights.safetensors, else the newest whole checkpoint. The run may still be training.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="networks">Where its network is defined; null for <see cref="NetworkCatalog.Default"/>.</param>
    /// <exception cref="ArgumentException">There is no such network there.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no run, or the run no weights yet.</exception>
    /// <exception cref="InvalidDataException">A file of the run cannot be read, or the weights are not of its network.</exception>
    public static TrainedNetwork Load(string folder, NetworkCatalog? networks = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (RunDescription run, ImagePreprocessing preprocessing) = RunDescription.Read(folder);
        var checkpoints = new CheckpointStore(Path.Combine(folder, RunFiles.Checkpoints));
        string weights = new[] { RunFiles.Best, RunFiles.Weights }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? (checkpoints.NewestWhole() is { } step ? checkpoints.WeightsPath(step) : null)
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
}
