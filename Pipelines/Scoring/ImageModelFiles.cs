using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring;

/// <summary>
/// A model's file and what it says beside its graph. The file's metadata wins; what it lacks is taken from <c>labels.txt</c> and
/// <c>preprocessor_config.json</c> in the same folder, so that networks of other makers score too.
/// </summary>
internal sealed record ImageModelFiles(string ModelPath, IReadOnlyList<string> Labels, PixelLayout Layout, OnnxImageModelMetadata Metadata)
{
    public const string ModelFile = "model.onnx";
    public const string LabelsFile = "labels.txt";
    public const string PreprocessingFile = "preprocessor_config.json";

    private const string RunFile = "run.json";

    // Far more than any label list or description takes; a wrong file is refused before it is read.
    private const long MaxTextBytes = 16 << 20;

    public ImagePreprocessing Preprocessing => Layout.Preprocessing;

    public static ImageModelFiles Read(string modelPathOrFolder, bool labelled = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPathOrFolder);
        string path = Directory.Exists(modelPathOrFolder) ? Path.Combine(modelPathOrFolder, ModelFile) : modelPathOrFolder;
        if (!File.Exists(path))
        {
            throw new OnnxScoringException(File.Exists(Path.Combine(modelPathOrFolder, RunFile))
                ? $"'{modelPathOrFolder}' is the run of a training, whose network is no ONNX file yet: export it first (alexnetml export --run {modelPathOrFolder} --out DIR)."
                : $"There is no model at '{path}': give the path of an .onnx file, or of a folder with {ModelFile} in it.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(path));
            IReadOnlyList<string> labels = labelled ? FindLabels(metadata, path, folder) : metadata.Labels;
            return new ImageModelFiles(path, labels, new PixelLayout(metadata.InputForm, FindPreprocessing(metadata, path, folder)), metadata);
        }
        catch (OnnxFormatException e)
        {
            throw new OnnxScoringException($"The model '{path}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxScoringException($"The model '{path}' or a file beside it cannot be read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<string> FindLabels(OnnxImageModelMetadata metadata, string path, string folder)
    {
        if (metadata.Labels.Count > 0)
        {
            return metadata.Labels;
        }

        string beside = Path.Combine(folder, LabelsFile);
        if (!File.Exists(beside))
        {
            throw new OnnxScoringException(
                $"The model '{path}' has no labels in its metadata and no {LabelsFile} beside it: put one there, a label a line in the order of the scores.");
        }

        RefuseOverlong(beside);
        string[] lines = File.ReadAllLines(beside);
        int empty = Array.FindIndex(lines, string.IsNullOrWhiteSpace);
        if (lines.Length == 0 || empty >= 0)
        {
            throw new OnnxScoringException($"'{beside}' has no label in line {Math.Max(empty, 0) + 1}: every line holds one, in the order of the scores.");
        }

        return lines;
    }

    private static ImagePreprocessing FindPreprocessing(OnnxImageModelMetadata metadata, string path, string folder)
    {
        string source = $"the metadata of '{path}'";
        string? json = metadata.PreprocessingJson;
        if (json is null)
        {
            source = Path.Combine(folder, PreprocessingFile);
            if (!File.Exists(source))
            {
                throw new OnnxScoringException(
                    $"The model '{path}' does not say how a picture becomes its input, and there is no {PreprocessingFile} beside it: "
                    + "put one there, as Hugging Face's image processors write it.");
            }

            RefuseOverlong(source);
            json = File.ReadAllText(source);
        }

        try
        {
            return ImagePreprocessing.FromJson(json);
        }
        catch (FormatException e)
        {
            throw new OnnxScoringException($"The preprocessing in {source} cannot be used: {e.Message}", e);
        }
    }

    private static void RefuseOverlong(string path)
    {
        if (new FileInfo(path).Length is > MaxTextBytes and long length)
        {
            throw new OnnxScoringException($"'{path}' has {length} bytes; at most {MaxTextBytes} are read.");
        }
    }
}
