using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Cli;

/// <summary>The readable copies beside a model: they say what its metadata says, or someone will be misled.</summary>
internal static class OnnxModelCopies
{
    /// <summary>Compares labels.txt and preprocessor_config.json, where they stand beside a file, with its metadata.</summary>
    /// <exception cref="InvalidDataException">One says something else.</exception>
    public static void Check(string modelPath, OnnxImageModelMetadata metadata)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        if (Path.GetFileName(modelPath) != OnnxModelFolder.ModelFile)
        {
            return;
        }

        string labels = Path.Combine(folder, OnnxModelFolder.LabelsFile);
        if (metadata.Labels.Count > 0 && File.Exists(labels) && !File.ReadAllLines(labels).SequenceEqual(metadata.Labels, StringComparer.Ordinal))
        {
            throw new InvalidDataException($"'{labels}' is not what the metadata of '{modelPath}' says; the metadata counts. Write the file anew from it, or export again.");
        }

        string preprocessing = Path.Combine(folder, OnnxModelFolder.PreprocessingFile);
        if (metadata.PreprocessingJson is { } json && File.Exists(preprocessing) && !Same(File.ReadAllText(preprocessing), json))
        {
            throw new InvalidDataException($"'{preprocessing}' is not what the metadata of '{modelPath}' says; the metadata counts. Write the file anew from it, or export again.");
        }
    }

    private static bool Same(string copy, string original)
    {
        try
        {
            return ImagePreprocessing.FromJson(copy).Equals(ImagePreprocessing.FromJson(original));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
