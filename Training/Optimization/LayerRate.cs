namespace AlexNetMl.Training;

/// <summary>From an epoch on, a further factor on the learning rate of one layer.</summary>
/// <param name="Layer">Name of the layer, such as conv1: its parameters are conv1.weight and conv1.bias.</param>
/// <param name="FromEpoch">The epoch, from 0, from which the factor holds; the latest one that has begun counts.</param>
/// <param name="Factor">The factor, at least 0; 0 freezes the layer.</param>
public sealed record LayerRate(string Layer, double FromEpoch, double Factor)
{
    /// <summary>Whether a layer, by its path, is meant: conv1, or conv1 of a tower.</summary>
    internal bool Covers(string path) =>
        path.EndsWith(Layer, StringComparison.Ordinal) && (path.Length == Layer.Length || path[^(Layer.Length + 1)] == '.');
}
