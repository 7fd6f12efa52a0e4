namespace AlexNetMl.Training;

/// <summary>From an epoch on, a further factor on the learning rate of one layer.</summary>
/// <param name="Layer">Name of the layer, such as conv1: its parameters are conv1.weight and conv1.bias, or first.conv1.weight in a module inside.</param>
/// <param name="FromEpoch">The epoch, from 0, from which the factor holds; the latest one that has begun counts.</param>
/// <param name="Factor">The factor, at least 0; 0 freezes the layer.</param>
public sealed record LayerRate(string Layer, double FromEpoch, double Factor)
{
    /// <summary>The factor that holds for a layer at a point of the run: 1 where none has begun.</summary>
    /// <param name="rates">All layers' factors, in any order.</param>
    /// <param name="layer">The layer's name with those of the modules around it, joined by dots.</param>
    /// <param name="progress">Epochs done, fractions included.</param>
    public static double FactorAt(IReadOnlyList<LayerRate> rates, string layer, double progress)
    {
        ArgumentNullException.ThrowIfNull(rates);
        return rates.Where(rate => Names(rate.Layer, layer) && rate.FromEpoch <= progress).MaxBy(rate => rate.FromEpoch)?.Factor ?? 1;
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Layer))
            throw new ArgumentOutOfRangeException(nameof(Layer), "A layer rate without a layer: give a name such as conv1.");
        if (!(FromEpoch >= 0))
            throw new ArgumentOutOfRangeException(nameof(FromEpoch), $"The rate of layer '{Layer}' from epoch {FromEpoch}: take 0 or more.");
        if (!(Factor >= 0 && double.IsFinite(Factor)))
            throw new ArgumentOutOfRangeException(nameof(Factor), $"A learning rate factor of {Factor} for layer '{Layer}': take 0, which freezes it, or more.");
    }

    /// <summary>Whether a rate for <paramref name="name"/> is meant for the layer of a full path.</summary>
    internal static bool Names(string name, string layer) =>
        layer == name || (layer.EndsWith(name, StringComparison.Ordinal) && layer[layer.Length - name.Length - 1] == '.');
}
