namespace AlexNetMl.Export;

/// <summary>How close ONNX Runtime comes to torch at one tensor.</summary>
/// <param name="Name">The tensor's name in the file: the module's path.</param>
/// <param name="LargestMagnitude">The largest absolute value that torch computes.</param>
/// <param name="RelativeDifference">
/// The largest absolute difference divided by <paramref name="LargestMagnitude"/>; infinite where a value is missing, NaN, or infinite on one side alone.
/// This figure is held against the tolerance.
/// </param>
public sealed record TensorDifference(string Name, double LargestMagnitude, double RelativeDifference)
{
    /// <summary>
    /// The difference after all layers from the input on. It is <see cref="RelativeDifference"/> itself with two exceptions, which are
    /// judged by what torch makes of the very input that ONNX Runtime gave them: <c>Score</c>, and layers at or behind one that saturates
    /// (Softmax, Tanh, Sigmoid, users' own modules), where it magnified the rounding of earlier layers beyond the tolerance. This
    /// property then holds what was accumulated.
    /// </summary>
    public double EndToEndDifference { get; init; } = RelativeDifference;
}

/// <summary>A comparison of a network in torch and on ONNX Runtime, over the same random batch.</summary>
/// <param name="Tensors">Every named layer's result in running order, the logits among them, then <c>Score</c>.</param>
public sealed record OnnxVerification(IReadOnlyList<TensorDifference> Tensors)
{
    /// <summary>The largest <see cref="TensorDifference.RelativeDifference"/>.</summary>
    public double WorstRelativeDifference => Tensors.Select(t => t.RelativeDifference).DefaultIfEmpty().Max();

    /// <summary>
    /// The largest absolute difference between the probabilities of the file as it stands, with all of ONNX Runtime's optimisations, and
    /// those of the layer-by-layer run without optimisations.
    /// </summary>
    public double OptimizedScoreDifference { get; init; }
}
