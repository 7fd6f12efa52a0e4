using System.Globalization;

namespace AlexNetMl.Export;

/// <summary>
/// Which differences are too large. Every tensor but <c>Score</c> is judged end to end; where a network makes more than the tolerance of rounding alone, by what noise of
/// that size makes in torch, and then each module on its own besides.
/// </summary>
internal sealed class Judgement
{
    private readonly double _tolerance;
    private readonly IReadOnlyDictionary<string, NoiseEffect> _noise;

    /// <param name="differences">What was found.</param>
    /// <param name="tolerance">The largest difference that is not questioned.</param>
    /// <param name="noise">Measures what rounding does to each tensor; asked only where the tolerance does not do.</param>
    public Judgement(IReadOnlyList<TensorDifference> differences, double tolerance, Func<IReadOnlyDictionary<string, NoiseEffect>> noise)
    {
        _tolerance = tolerance;
        bool isFinite = differences.All(tensor => double.IsFinite(tensor.RelativeDifference));
        bool isQuestioned = differences.Any(tensor => IsBoundEndToEnd(tensor) && !(tensor.EndToEndDifference <= tolerance));
        _noise = isFinite && isQuestioned ? noise() : new Dictionary<string, NoiseEffect>();
        Tensors = [.. differences.Select(tensor => tensor with { AllowedEndToEnd = AllowedEndToEnd(tensor.Name) })];
        Beyond = [.. Tensors.Where(tensor => !(tensor.RelativeDifference <= Allowed(tensor.Name)) || (IsBoundEndToEnd(tensor) && !(tensor.EndToEndDifference <= tensor.AllowedEndToEnd)))];
    }

    /// <summary>The differences, each with what is allowed.</summary>
    public IReadOnlyList<TensorDifference> Tensors { get; }

    /// <summary>Those that are too large, in running order.</summary>
    public IReadOnlyList<TensorDifference> Beyond { get; }

    /// <summary>The one of <see cref="Beyond"/> that is furthest off.</summary>
    public TensorDifference Worst => Beyond.MaxBy(Excess)!;

    /// <summary>One clause about a tensor that is too far off.</summary>
    public string Describe(TensorDifference tensor)
    {
        double allowed = Allowed(tensor.Name);
        (double difference, string from) = tensor.RelativeDifference <= allowed
            ? (tensor.EndToEndDifference, " from the input on")
            : (tensor.RelativeDifference, string.Empty);
        allowed = tensor.RelativeDifference <= allowed ? tensor.AllowedEndToEnd : allowed;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"differs{from} by {difference:0.0e+0} of its largest magnitude, {tensor.LargestMagnitude:g3} (allowed: {allowed:0.0e+0})");
    }

    // Logits that agree bound the probabilities: a softmax makes at most half of its input's differences.
    private static bool IsBoundEndToEnd(TensorDifference tensor) => tensor.Name != OnnxGraphWriter.ScoreName;

    // Tensors without a bound end to end are judged by their module alone.
    private double Excess(TensorDifference tensor)
        => Math.Max(tensor.RelativeDifference / Allowed(tensor.Name), IsBoundEndToEnd(tensor) ? tensor.EndToEndDifference / tensor.AllowedEndToEnd : 0);

    private double Allowed(string name) => Math.Max(_tolerance, RoundingNoise.Margin * _noise.GetValueOrDefault(name).Own);

    private double AllowedEndToEnd(string name) => Math.Max(_tolerance, RoundingNoise.Margin * _noise.GetValueOrDefault(name).Accumulated);
}
