using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>Reads ONNX files as torch networks that can be trained.</summary>
public static class OnnxImporter
{
    /// <summary>The newest operator set whose operators are known.</summary>
    public const int MaxOpset = 21;

    /// <summary>
    /// Reads a network. Weights of convolutions, products and normalizations become parameters, bit for bit, under the names that the
    /// file gives them where these are torch's (<c>features.conv1.weight</c>); every other constant of the graph is none. Patterns that stand for
    /// a layer become that layer again: local response normalization in standard operators, SiLU, GELU, layer and group normalization.
    /// </summary>
    /// <param name="path">The file; weights may lie in files beside it.</param>
    /// <param name="options">What to import, and how; null for the defaults.</param>
    /// <returns>The network, on the CPU; the caller disposes it.</returns>
    /// <exception cref="OnnxFormatException">Not an ONNX file, damaged, or one that does not hold together.</exception>
    /// <exception cref="OnnxImportException">Operators or settings that are not supported, all named at once; or an opset above 21.</exception>
    /// <exception cref="IOException">The file cannot be opened (<see cref="FileNotFoundException"/>: it does not exist).</exception>
    public static ImportedNetwork Import(string path, OnnxImportOptions? options = null) => Import(CheckedModel.Read(path), options);

    /// <summary>Reads a network from a model in memory; see <see cref="Import(string, OnnxImportOptions?)"/>.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="options">What to import, and how; null for the defaults.</param>
    /// <returns>The network, on the CPU; the caller disposes it.</returns>
    /// <exception cref="OnnxFormatException">A file with weights has changed since the model was checked.</exception>
    /// <exception cref="OnnxImportException">Operators or settings that are not supported, all named at once; or an opset above 21.</exception>
    public static ImportedNetwork Import(CheckedModel model, OnnxImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new OnnxImportOptions();
        if (model.Opset > MaxOpset)
            throw new OnnxImportException($"'{model.Source}' is written for opset {model.Opset}, but operators are known up to opset {MaxOpset}; export it for that one.");
        using var session = new ImportSession(model, options);
        return session.Run();
    }
}
