using AlexNetMl.Scoring;

namespace AlexNetMl.Pipelines;

/// <summary>A model's labels as key values: each class has one of its own.</summary>
internal static class ModelLabels
{
    /// <exception cref="OnnxScoringException">There is no model, it has no labels, or they cannot be keys.</exception>
    public static IReadOnlyList<string> Read(string model)
    {
        IReadOnlyList<string> labels = OnnxImageScorer.ReadLabels(model);

        // MapValueToKey leaves out empty and repeated values without a word, and every key behind them would stand for the wrong class.
        Dictionary<string, int> classes = new(StringComparer.Ordinal);
        for (int index = 0; index < labels.Count; index++)
        {
            if (labels[index].Length == 0)
            {
                throw new OnnxScoringException(
                    $"Class {index} of the model '{model}' has an empty label, so labels cannot be mapped to its classes: give it one.");
            }
            if (!classes.TryAdd(labels[index], index))
            {
                throw new OnnxScoringException($"Classes {classes[labels[index]]} and {index} of the model '{model}' are both called "
                    + $"'{labels[index]}', so labels cannot be mapped to its classes: give them different names.");
            }
        }
        return labels;
    }
}
