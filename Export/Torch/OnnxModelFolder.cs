using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>A model as it is kept in <c>models/</c>: the network and, beside it, readable copies of what its metadata says.</summary>
public static class OnnxModelFolder
{
    /// <summary>The network's file name, <c>model.onnx</c>. Its metadata wins over the other files.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The file with one label per line, in the order of the network's outputs, <c>labels.txt</c>.</summary>
    public const string LabelsFile = "labels.txt";

    /// <summary>The file with the preprocessing in Hugging Face's form, <c>preprocessor_config.json</c>.</summary>
    public const string PreprocessingFile = "preprocessor_config.json";

    /// <summary>The description for people, <c>README.md</c>.</summary>
    public const string CardFile = "README.md";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Files { get; } = [ModelFile, LabelsFile, PreprocessingFile, CardFile];

    /// <summary>
    /// Exports a network as <c>model.onnx</c>, <c>labels.txt</c> and <c>preprocessor_config.json</c>, each written whole or not at all;
    /// the text files only once the verified network stands.
    /// </summary>
    /// <param name="folder">The folder; made where it does not exist.</param>
    /// <param name="network">As for <see cref="OnnxExporter.Export"/>.</param>
    /// <param name="options">As for <see cref="OnnxExporter.Export"/>.</param>
    /// <param name="finish">As for <see cref="OnnxExporter.Export"/>.</param>
    /// <param name="cancellationToken">Stops the export.</param>
    /// <returns>What was written and how close it is.</returns>
    /// <exception cref="ArgumentException">An option is missing or outside its range.</exception>
    /// <exception cref="OnnxExportException">
    /// The network cannot be expressed, the labels do not fit, or a file cannot be written.
    /// </exception>
    /// <exception cref="OnnxVerificationException">ONNX Runtime computes something else from the file than torch does.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OnnxExportReport Write(
        string folder, nn.Module<Tensor, Tensor> network, OnnxExportOptions options, Action<string>? finish = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        string[] made = MissingFolders(folder);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxExportException($"The folder '{folder}' cannot be made: {e.Message}", e);
        }

        OnnxExportReport report;
        try
        {
            report = OnnxExporter.Export(network, Path.Combine(folder, ModelFile), options, finish, cancellationToken);
        }
        catch
        {
            RemoveEmpty(made);
            throw;
        }

        WriteText(Path.Combine(folder, LabelsFile), string.Concat(options.Labels.Select(label => label + '\n')));
        WriteText(Path.Combine(folder, PreprocessingFile), options.Preprocessing.ToJson() + '\n');
        return report;
    }

    /// <summary>Writes the model card, README.md, into a model's folder; whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="card">The card.</param>
    /// <exception cref="OnnxExportException">The file cannot be written.</exception>
    public static void WriteCard(string folder, ModelCard card)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(card);
        WriteText(Path.Combine(folder, CardFile), card.ToMarkdown());
    }

    // Innermost first.
    private static string[] MissingFolders(string folder)
    {
        var missing = new List<string>();
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        for (string? path = full; path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Add(path);
        }

        return [.. missing];
    }

    private static void RemoveEmpty(string[] folders)
    {
        try
        {
            Array.ForEach(folders, Directory.Delete);
        }
        catch (IOException)
        {
            // Someone else has put a file there meanwhile; the error that is on its way matters more.
        }
    }

    private static void WriteText(string path, string text)
    {
        try
        {
            TextFile.Write(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxExportException($"'{path}' cannot be written: {e.Message}", e);
        }
    }
}
