using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>Labels and preprocessing of a file that becomes a run: as given, else its metadata's, else those of the files beside it.</summary>
/// <param name="Labels">One for each output.</param>
/// <param name="Preprocessing">How a picture becomes the network's input.</param>
/// <param name="Fingerprint">What tells the training that made the weights; empty where the file does not say.</param>
/// <param name="Opset">The operator set that the file was written for.</param>
internal sealed record OnnxRunFacts(IReadOnlyList<string> Labels, ImagePreprocessing Preprocessing, string Fingerprint, int Opset)
{
    /// <exception cref="OnnxImportException">Something is missing, or does not fit the network.</exception>
    public static OnnxRunFacts Of(string path, NetworkOptions network, OnnxRunOptions options)
    {
        OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(path));
        if (metadata.InputForm != OnnxInputForm.Tensor)
            throw new OnnxImportException($"'{path}' has its preprocessing inside; import the file that takes normalised floats.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        IReadOnlyList<string> labels = options.Labels ?? (metadata.Labels.Count > 0 ? metadata.Labels : Beside(folder)) ?? [.. Enumerable.Range(0, network.Classes).Select(i => $"class {i}")];
        if (labels.Count != network.Classes)
            throw new OnnxImportException($"'{path}' has {network.Classes} outputs, but there are {labels.Count} labels: give one for each, in the order of the outputs.");
        ImagePreprocessing preprocessing = options.Preprocessing ?? FromText(metadata.PreprocessingJson, path) ?? FromFile(Path.Combine(folder, OnnxModelFolder.PreprocessingFile))
            ?? throw new OnnxImportException($"'{path}' does not say how a picture becomes its input: give a preprocessor_config.json as Hugging Face's image processors have it.");
        if (preprocessing.CropSide != network.Side)
            throw new OnnxImportException($"'{path}' takes pictures of side {network.Side}, but its preprocessing cuts {preprocessing.CropSide}: one of the two belongs to another network.");
        return new OnnxRunFacts(labels, preprocessing, metadata.Fingerprint ?? "", CheckedModel.Read(path).Opset);
    }

    private static string[]? Beside(string folder)
    {
        string path = Path.Combine(folder, OnnxModelFolder.LabelsFile);
        return File.Exists(path) ? [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)] : null;
    }

    private static ImagePreprocessing? FromFile(string path) => File.Exists(path) ? FromText(File.ReadAllText(path), path) : null;

    private static ImagePreprocessing? FromText(string? json, string source)
    {
        if (json is null)
            return null;
        try
        {
            return ImagePreprocessing.FromJson(json);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new OnnxImportException($"The preprocessing in '{source}' cannot be used: {e.Message}", e);
        }
    }
}
