using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>A copy of a network's weights and buffers in memory, to go back to.</summary>
internal sealed class WeightsCopy : IDisposable
{
    private List<Tensor> _copies = [];

    /// <summary>Copies the weights as they are now.</summary>
    internal void Take(TrainedWeights weights)
    {
        using IDisposable noGradients = no_grad();
        if (_copies.Count == 0)
        {
            _copies = [.. weights.State.Select(item => item.Tensor.detach().clone().DetachFromDisposeScope())];
            return;
        }
        foreach (((_, Tensor tensor), Tensor copy) in weights.State.Zip(_copies))
            copy.copy_(tensor);
    }

    /// <summary>Sets the weights to the last copy.</summary>
    internal void Restore(TrainedWeights weights)
    {
        using IDisposable noGradients = no_grad();
        foreach (((_, Tensor tensor), Tensor copy) in weights.State.Zip(_copies))
            tensor.copy_(copy);
    }

    /// <inheritdoc/>
    public void Dispose() => _copies.ForEach(copy => copy.Dispose());
}
