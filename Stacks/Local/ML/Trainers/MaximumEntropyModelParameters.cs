using System.Numerics.Tensors;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>What a trained model consists of.</summary>
public abstract class ModelParametersBase<TOutput>
{
    private protected ModelParametersBase()
    {
    }
}

/// <summary>One linear score per class.</summary>
public abstract class LinearMulticlassModelParametersBase : ModelParametersBase<VBuffer<float>>
{
    private protected LinearMulticlassModelParametersBase(float[] parameters, int classes, int inputs)
    {
        Errors.Require(classes > 0 && inputs > 0 && parameters.Length == classes + ((long)classes * inputs), nameof(parameters),
            $"{parameters.Length} parameters are none of {classes} classes over {inputs} features.");
        Parameters = parameters;
        ClassCount = classes;
        InputCount = inputs;
    }

    /// <summary>All biases, then each class's weights.</summary>
    internal float[] Parameters { get; }

    internal int ClassCount { get; }

    internal int InputCount { get; }

    public IEnumerable<float> GetBiases() => Parameters.Take(ClassCount);

    public void GetWeights(ref VBuffer<float>[] weights, out int numClasses)
    {
        numClasses = ClassCount;
        if (weights is null || weights.Length < ClassCount)
        {
            weights = new VBuffer<float>[ClassCount];
        }
        for (int c = 0; c < ClassCount; c++)
        {
            VBuffer<float>.Copy(Parameters, ClassCount + (c * InputCount), ref weights[c], InputCount);
        }
    }

    /// <summary>Probabilities of the classes.</summary>
    internal abstract void Score(ReadOnlySpan<float> features, Span<float> scores);

    private protected void LinearScores(ReadOnlySpan<float> features, Span<float> scores)
    {
        for (int c = 0; c < ClassCount; c++)
        {
            scores[c] = Parameters[c] + TensorPrimitives.Dot(features, Parameters.AsSpan(ClassCount + (c * InputCount), InputCount));
        }
    }
}

public sealed class MaximumEntropyModelParameters : LinearMulticlassModelParametersBase
{
    internal MaximumEntropyModelParameters(float[] parameters, int classes, int inputs)
        : base(parameters, classes, inputs)
    {
    }

    internal override void Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        LinearScores(features, scores);
        float most = TensorPrimitives.Max<float>(scores);
        double sum = 0;
        foreach (float score in scores)
        {
            sum += Math.Exp(score - most);
        }
        foreach (ref float score in scores)
        {
            score = (float)(Math.Exp(score - most) / sum);
        }
    }
}
