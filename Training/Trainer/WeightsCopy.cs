using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>A copy of a network's parameters and buffers, to go back to.</summary>
internal sealed class WeightsCopy : IDisposable
{
    private List<Tensor> _copies = [];

    /// <summary>Copies the network as it is now.</summary>
    internal void Take(Module network)
    {
        using IDisposable noGradients = no_grad();
        if (_copies.Count == 0)
        {
            _copies = [.. State(network).Select(tensor => tensor.detach().clone().DetachFromDisposeScope())];
            return;
        }
        foreach ((Tensor tensor, Tensor copy) in State(network).Zip(_copies))
            copy.copy_(tensor);
    }

    /// <summary>Sets the network to the last copy.</summary>
    internal void Restore(Module network)
    {
        using IDisposable noGradients = no_grad();
        foreach ((Tensor tensor, Tensor copy) in State(network).Zip(_copies))
            tensor.copy_(copy);
    }

    /// <inheritdoc/>
    public void Dispose() => _copies.ForEach(copy => copy.Dispose());

    private static IEnumerable<Tensor> State(Module network) =>
        network.named_parameters().Select(pair => (Tensor)pair.Item2).Concat(network.named_buffers().Select(pair => pair.Item2));
}
