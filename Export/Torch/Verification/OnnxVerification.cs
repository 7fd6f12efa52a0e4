namespace AlexNetMl.Export;

/// <summary>How close ONNX Runtime comes to torch at one tensor.</summary>
/// <param name="Name">The tensor's name in the file: the module's path.</param>
/// <param name="LargestMagnitude">The largest absolute value that torch computes.</param>
/// <param name="RelativeDifference">
/// The largest absolute difference divided by <paramref name="LargestMagnitude"/>; infinite where a value is missing, NaN, or infinite on one side alone.
/// This figure is held against the tolerance. It is that after all layers from the input on, but for <c>Score</c>, and for layers where the network makes more
/// than the tolerance of rounding alone: these are judged by what torch makes of the very input that ONNX Runtime gave them, and by <see cref="EndToEndDifference"/>.
/// </param>
public sealed record TensorDifference(string Name, double LargestMagnitude, double RelativeDifference)
{
    /// <summary>The difference after all layers from the input on.</summary>
    public double EndToEndDifference { get; init; } = RelativeDifference;

    /// <summary>
    /// What <see cref="EndToEndDifference"/> may be: the tolerance, and more only where rounding alone explains it: four times the difference that noise of half a unit
    /// in the last place behind every module makes in torch itself. Not a bound for <c>Score</c>, whose logits have one.
    /// </summary>
    public double AllowedEndToEnd { get; init; }
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

    /// <summary>The same of the logits, relative to their largest magnitude; of <c>Score</c> where a network has no module before its softmax.</summary>
    public double OptimizedLogitsDifference { get; init; }
}
