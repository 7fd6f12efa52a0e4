using AlexNetMl.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>Runs golden rows in an open session.</summary>
internal static class GoldenRowCheck
{
    // CUDA multiplies float32 in ten-bit mantissas (TF32) unless told otherwise.
    private const double CudaTolerance = 5e-3;
    private const long MostElements = 1 << 26;

    /// <summary>Compares what the session computes with what the file promises.</summary>
    /// <param name="session">The network.</param>
    /// <param name="files">Where it comes from.</param>
    /// <param name="json">The promise.</param>
    /// <param name="provider">What the session runs on.</param>
    /// <param name="mostRows">How many rows are run at most, the first ones.</param>
    /// <exception cref="OnnxScoringException">The promise cannot be read or does not fit the network.</exception>
    public static GoldenRowReport Run(InferenceSession session, ImageModelFiles files, string json, string provider, int mostRows = int.MaxValue)
    {
        GoldenRecord golden;
        try
        {
            golden = GoldenRecord.FromJson(json);
        }
        catch (FormatException e)
        {
            throw new OnnxScoringException($"The golden rows of '{files.ModelPath}' cannot be read: {e.Message}.", e);
        }

        double tolerance = provider == OnnxSessions.CpuProvider ? golden.Tolerance : Math.Max(golden.Tolerance, CudaTolerance);
        int rows = Math.Min(golden.Rows, mostRows);
        var report = new GoldenRowReport(provider, rows, string.Empty, 0, tolerance);
        IReadOnlyDictionary<string, float[]> actual = Compute(session, files, golden.Seed, rows, [.. golden.Outputs.Select(o => o.Name)]);
        foreach (GoldenOutput output in golden.Outputs)
        {
            float[] values = actual[output.Name];
            if (values.Length != (long)rows * output.Length)
            {
                throw new OnnxScoringException(
                    $"The golden rows of '{files.ModelPath}' have {output.Length} numbers of the output '{output.Name}', but the network gives {values.Length / rows}.");
            }

            double difference = output.Difference(values);
            if (report.Output.Length == 0 || !(difference <= report.Difference))
            {
                report = report with { Output = output.Name, Difference = difference };
            }
        }

        return report;
    }

    /// <summary>All float32 outputs of the network, or those named, on golden rows.</summary>
    public static IReadOnlyDictionary<string, float[]> Compute(
        InferenceSession session, ImageModelFiles files, long seed, int rows, IReadOnlyList<string> outputs)
    {
        int side = files.Preprocessing.ShorterSide;
        long elements = (long)rows * RgbImage.Channels * side * side;
        if (elements > MostElements)
        {
            throw new OnnxScoringException(
                $"{rows} golden rows of {side} x {side} pixels for '{files.ModelPath}' have {elements} samples; at most {MostElements} are made, so use fewer rows.");
        }

        if (outputs.FirstOrDefault(o => !session.OutputMetadata.ContainsKey(o)) is { } missing)
        {
            throw new OnnxScoringException($"The golden rows of '{files.ModelPath}' are about an output '{missing}' that the network does not have.");
        }

        var pixels = new PixelBuffer(files.Layout, rows);
        for (int row = 0; row < rows; row++)
        {
            pixels.Write(row, GoldenPicture.Make(seed, row, side));
        }

        try
        {
            using OrtValue input = pixels.ToOrt(rows);
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using IDisposableReadOnlyCollection<OrtValue> values = session.Run(options, [session.InputMetadata.Keys.Single()], [input], outputs);
            return outputs.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray(), StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxScoringException($"ONNX Runtime failed on the golden rows of '{files.ModelPath}': {e.Message}", e);
        }
    }
}
