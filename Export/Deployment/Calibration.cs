using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Deployment;

/// <summary>Finds the ranges of a network's inner tensors on real pictures.</summary>
internal static class Calibration
{
    private const int Batch = 8;

    /// <summary>Runs pictures through the float32 network.</summary>
    /// <param name="model">The network, which takes normalised floats.</param>
    /// <param name="preprocessing">How a picture becomes a row.</param>
    /// <param name="pictures">At least one.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">There are no pictures.</exception>
    /// <exception cref="OnnxFormatException">A value is not finite.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public static (IReadOnlyDictionary<string, TensorRange> Ranges, int Pictures) Measure(
        OnnxModel model, ImagePreprocessing preprocessing, IEnumerable<RgbImage> pictures, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> tensors = EightBitGraph.Tensors(model);
        Dictionary<string, ActivationHistogram> histograms = tensors.ToDictionary(tensor => tensor, _ => new ActivationHistogram(), StringComparer.Ordinal);
        string folder = Directory.CreateTempSubdirectory("alexnetml-calibration-").FullName;
        try
        {
            string path = Path.Combine(folder, "watched.onnx");
            OnnxFile.Write(EightBitGraph.Watch(model, tensors), path);
            using InferenceSession session = OnnxSessions.Create(path);
            string input = session.InputMetadata.Keys.Single();
            string[] watched = [.. tensors.Where(session.OutputMetadata.ContainsKey)];
            int length = RgbImage.Channels * preprocessing.CropSide * preprocessing.CropSide, seen = 0;
            foreach (RgbImage[] batch in pictures.Chunk(Batch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                float[] pixels = new float[batch.Length * length];
                for (int i = 0; i < batch.Length; i++)
                {
                    preprocessing.ToTensor(batch[i], pixels.AsSpan(i * length, length));
                }

                if (histograms.TryGetValue(input, out ActivationHistogram? own))
                {
                    own.Add(input, pixels);
                }

                Run(session, input, pixels, [batch.Length, RgbImage.Channels, preprocessing.CropSide, preprocessing.CropSide], watched, histograms);
                seen += batch.Length;
            }

            return seen > 0
                ? (histograms.ToDictionary(pair => pair.Key, pair => pair.Value.Range(), StringComparer.Ordinal), seen)
                : throw new ArgumentException("There are no calibration pictures: eight bits need the ranges that real pictures give, some hundred of them.", nameof(pictures));
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxScoringException($"ONNX Runtime failed on the calibration pictures: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Run(
        InferenceSession session, string input, float[] pixels, long[] shape, string[] watched, Dictionary<string, ActivationHistogram> histograms)
    {
        using OrtValue values = OrtValue.CreateTensorValueFromMemory(pixels, shape);
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [input], [values], watched);
        for (int i = 0; i < watched.Length; i++)
        {
            histograms[watched[i]].Add(watched[i], results[i].GetTensorDataAsSpan<float>());
        }
    }
}
