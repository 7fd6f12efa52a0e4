using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// Layers that a run never changes: their parameters take no gradients, so that no time is spent on them, and their batch normalizations keep the statistics they
/// came with, as in use. Disposed, the parameters take gradients again.
/// </summary>
internal sealed class FrozenLayers : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Module> _normalizations = [];

    internal FrozenLayers(Module network, IReadOnlyList<LayerRate> rates)
    {
        foreach ((string path, Module module) in rates.Count == 0 ? [] : network.named_modules())
        {
            LayerRate[] own = [.. rates.Where(rate => LayerRate.Names(rate.Layer, path))];
            if (own.Length == 0 || own.Any(rate => rate.Factor != 0) || own.Min(rate => rate.FromEpoch) > 0)
                continue;
            _parameters.AddRange(module.parameters(recurse: false).Where(parameter => parameter.requires_grad));
            if (module is BatchNorm)
                _normalizations.Add(module);
        }
        // A network frozen as a whole would have no gradient to go back by; nothing changes either way.
        if (network.parameters().All(parameter => _parameters.Contains(parameter, ReferenceEqualityComparer.Instance)))
            _parameters.Clear();
        foreach (Parameter parameter in _parameters)
            parameter.requires_grad = false;
    }

    /// <summary>Puts the batch normalizations into evaluation mode; called whenever the network was put into training mode.</summary>
    internal void Freeze() => _normalizations.ForEach(module => module.eval());

    public void Dispose()
    {
        foreach (Parameter parameter in _parameters)
            parameter.requires_grad = true;
    }
}
