using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Accuracy of an exported file, measured by the same code, over the same windows, as that of a network in torch.</summary>
public static class OnnxEvaluation
{
    /// <summary>The windows that <see cref="Run"/> scores: those asked for, or, where ten are cut inside the file, those.</summary>
    /// <param name="network">The file, opened.</param>
    /// <param name="asked">Centre window or ten windows.</param>
    /// <exception cref="ArgumentException">Ten were asked for, and the file takes bytes and scores their centre window alone.</exception>
    public static EvaluationCrops Crops(OnnxImageNetwork network, EvaluationCrops asked)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.InputForm switch
        {
            OnnxInputForm.Tensor => asked,
            OnnxInputForm.TenCrop => EvaluationCrops.TenCrop,
            _ when asked == EvaluationCrops.Center => asked,
            _ => throw new ArgumentException(
                "Ten windows were asked for, but the file takes bytes and scores their centre window alone: evaluate its run or a file exported without --uint8-input, or export one with --ten-crop."),
        };
    }

    /// <summary>Scores labelled pictures.</summary>
    /// <param name="network">The file, opened.</param>
    /// <param name="pictures">Pictures of the network's classes.</param>
    /// <param name="crops">Centre window or ten windows; which were scored, <see cref="Crops"/>, stands in the result.</param>
    /// <param name="options">Batch size, threads and what becomes of broken pictures.</param>
    /// <param name="progress">The share done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The file cannot score these windows, as for <see cref="Crops"/>.</exception>
    /// <exception cref="ImageFormatException">A picture is broken, and they are not to be skipped.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public static EvaluationResult Run(
        OnnxImageNetwork network,
        PictureSet pictures,
        EvaluationCrops crops,
        TrainerOptions options,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        EvaluationCrops scored = Crops(network, crops);
        if (network.InputForm != OnnxInputForm.Tensor)
        {
            return PictureEvaluation.RunWhole(Bytes, OfBytes, pictures, scored, options, progress, cancellationToken);
        }

        float[] pixels = [];
        return PictureEvaluation.Run(LogProbabilities, pictures, network.Preprocessing, scored, options, progress, cancellationToken);

        byte[] Bytes(RgbImage image)
        {
            int side = network.InputForm == OnnxInputForm.Window ? network.Preprocessing.CropSide : network.Preprocessing.ShorterSide;
            byte[] bytes = new byte[RgbImage.Channels * side * side];
            network.Preprocessing.ToPixels(image, side, bytes);
            return bytes;
        }

        float[] OfBytes(IReadOnlyList<byte[]> rows)
        {
            byte[] batch = new byte[rows.Count * rows[0].Length];
            for (int i = 0; i < rows.Count; i++)
            {
                rows[i].CopyTo(batch, i * rows[0].Length);
            }

            return Logarithms(network.Score(batch, rows.Count, cancellationToken));
        }

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
            return tensor(Logarithms(scores), [rows, network.Labels.Count]);
        }
    }

    private static float[] Logarithms(float[] scores) => Array.ConvertAll(scores, score => MathF.Log(MathF.Max(score, float.Epsilon)));
}
