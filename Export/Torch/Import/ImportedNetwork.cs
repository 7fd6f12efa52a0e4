using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Export;

/// <summary>What an ONNX file became.</summary>
public sealed record ImportedNetwork : IDisposable
{
    /// <summary>
    /// The network: weights are parameters, constants of the graph are not. In training mode as every new module; call <c>eval()</c> to score.
    /// </summary>
    public required GraphNetwork Network { get; init; }

    /// <summary>
    /// Lengths of the axes of each of <see cref="GraphNetwork.Inputs"/> as the file declares them, [batch, channels, height, width] for
    /// pictures; −1 where it leaves one open. Networks of layers take any batch, whatever the file says.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<long>> InputShapes { get; init; }

    /// <summary>The names that the file gives <see cref="GraphNetwork.Inputs"/>.</summary>
    public required IReadOnlyList<string> InputNames { get; init; }

    /// <summary>The file's name of the tensor that the network computes.</summary>
    public required string OutputName { get; init; }

    /// <summary>Labels, preprocessing and decoder, where the file was exported by AlexNetMl; else empty.</summary>
    public required OnnxImageModelMetadata Description { get; init; }

    /// <summary>All metadata entries of the file.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The operator set that the file was written for.</summary>
    public required int Opset { get; init; }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();
}
