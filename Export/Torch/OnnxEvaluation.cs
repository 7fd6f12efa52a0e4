using System.Runtime.InteropServices;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Accuracy of an exported file, measured by the same code, over the same windows, as that of a network in torch.</summary>
public static class OnnxEvaluation
{
    /// <summary>Scores labelled pictures.</summary>
    /// <param name="network">The file, opened.</param>
    /// <param name="pictures">Pictures of the network's classes.</param>
    /// <param name="crops">Centre window or ten windows.</param>
    /// <param name="options">Batch size, threads and what becomes of broken pictures.</param>
    /// <param name="progress">The share done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public static EvaluationResult Run(
        OnnxImageNetwork network,
        PictureSet pictures,
        EvaluationCrops crops,
        TrainerOptions options,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        float[] pixels = [];
        return PictureEvaluation.Run(LogProbabilities, pictures, network.Preprocessing, crops, options, progress, cancellationToken);

        Tensor LogProbabilities(Tensor batch)
        {
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(batch.bytes);
            if (pixels.Length < values.Length)
            {
                pixels = new float[values.Length];
            }

            values.CopyTo(pixels);
            int rows = (int)batch.shape[0];
            float[] scores = network.Score(pixels, rows, cancellationToken);
            return tensor(Array.ConvertAll(scores, score => MathF.Log(MathF.Max(score, float.Epsilon))), [rows, network.Labels.Count]);
        }
    }
}
