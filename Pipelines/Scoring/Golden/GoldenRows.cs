using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>
/// A few seeded pictures with the outputs that a file gave for them when it was exported, kept in the file itself: with the first every load, and with all of them
/// <see cref="Check"/>, proves the file on the provider at hand. The pictures are not kept; they follow from the seed, in integers alone.
/// </summary>
public static class GoldenRows
{
    // A large network's rows cost tens of milliseconds each.
    private const int SmallSide = 128;

    /// <summary>How much the outputs of a file of some precision may differ from one ONNX Runtime on a processor to another.</summary>
    /// <param name="precision">The file's.</param>
    /// <remarks>
    /// Relative to the largest magnitude of a row, probabilities as centred logarithms. Float16 weights are computed with in float32, so they drift
    /// no more than float32 ones. In eight bits a rounding that falls the other way is a step of 1/255.
    /// </remarks>
    public static double Tolerance(OnnxPrecision precision) => precision == OnnxPrecision.Int8 ? 5e-2 : 1e-4;

    /// <summary>Computes golden rows with ONNX Runtime on the processor.</summary>
    /// <param name="modelPathOrFolder">A file that is known to be right, with labels and preprocessing.</param>
    /// <param name="rows">1 to 16; 0 for the default: 4, or 2 where the input's side is above 128.</param>
    /// <param name="seed">Which pictures.</param>
    /// <returns>The value of the metadata entry <see cref="OnnxImageModelMetadata.GoldenRowsKey"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many rows.</exception>
    /// <exception cref="OnnxScoringException">The model cannot be used, or an output is not finite.</exception>
    public static string Compute(string modelPathOrFolder, int rows = 0, long seed = 1)
    {
        if (rows is < 0 or > GoldenRecord.MostRows)
        {
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"{rows} golden rows; allowed are 1 to {GoldenRecord.MostRows}, or 0 for the default.");
        }

        ImageModelFiles files = ImageModelFiles.Read(modelPathOrFolder);
        if (rows == 0)
        {
            rows = files.Layout.Side <= SmallSide ? 4 : 2;
        }

        using InferenceSession session = OnnxSessions.Create(files.ModelPath);
        ImageNetworkSession.Validate(session, files);
        string[] outputs = [.. session.OutputMetadata.Where(o => o.Value.IsTensor && o.Value.ElementType == typeof(float)).Select(o => o.Key)];
        IReadOnlyDictionary<string, float[]> values = GoldenRowCheck.Compute(session, files, seed, rows, outputs);
        return new GoldenRecord(
            seed, rows, Tolerance(files.Metadata.Precision), [.. outputs.Select(o => GoldenOutput.Make(o, values[o], rows))]).ToJson();
    }

    /// <summary>Computes golden rows and puts them into the file, in the place of those that it had.</summary>
    /// <param name="modelPath">The file; what it computes now is what it will have to compute from now on.</param>
    /// <param name="rows">As for <see cref="Compute"/>.</param>
    /// <param name="seed">As for <see cref="Compute"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many rows.</exception>
    /// <exception cref="OnnxScoringException">The model cannot be used, or an output is not finite.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written.</exception>
    public static void Add(string modelPath, int rows = 0, long seed = 1)
    {
        string json = Compute(modelPath, rows, seed);
        OnnxFile.SetMetadata(modelPath, new Dictionary<string, string> { [OnnxImageModelMetadata.GoldenRowsKey] = json });
    }

    /// <summary>Proves a file on a device.</summary>
    /// <param name="modelPathOrFolder">The .onnx file, or a folder with model.onnx.</param>
    /// <param name="device">Default: the processor.</param>
    /// <param name="threads">Threads within one operator; 0: one per core that this process may use.</param>
    /// <returns>How far it is off, passed or not; null where the file has no golden rows.</returns>
    /// <exception cref="OnnxScoringException">The model cannot be used, or its golden rows cannot be read.</exception>
    public static GoldenRowReport? Check(string modelPathOrFolder, OnnxDevice? device = null, int threads = 0)
    {
        ImageModelFiles files = ImageModelFiles.Read(modelPathOrFolder);
        if (files.Metadata.GoldenRowsJson is not { } json)
        {
            return null;
        }

        using InferenceSession session = OnnxSessions.Create(files.ModelPath, device, threads, out string provider, out _);
        ImageNetworkSession.Validate(session, files);
        return GoldenRowCheck.Run(session, files, json, provider);
    }
}
