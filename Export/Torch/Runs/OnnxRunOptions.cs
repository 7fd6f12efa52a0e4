using AlexNetMl.Imaging;

namespace AlexNetMl.Export;

/// <summary>What an imported run needs to know and its file may not say.</summary>
public sealed record OnnxRunOptions
{
    /// <summary>Class names in the order of the outputs. Default: null, the file's own, else those of labels.txt beside it, else "class 0" and so on.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>How a picture becomes a tensor. Default: null, the file's own, else that of preprocessor_config.json beside it.</summary>
    public ImagePreprocessing? Preprocessing { get; init; }
}

/// <summary>What an import made.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Classes">Class names in the order of the outputs.</param>
/// <param name="Preprocessing">How a picture becomes a tensor.</param>
/// <param name="Parameters">Numbers that training may change.</param>
/// <param name="Layers">Steps of the network.</param>
/// <param name="Opset">The operator set that the file was written for.</param>
/// <param name="WorstRelativeDifference">How far torch's outputs are from those of ONNX Runtime on the original file, of the largest magnitude.</param>
public sealed record OnnxRunReport(
    string Folder, IReadOnlyList<string> Classes, ImagePreprocessing Preprocessing, long Parameters, int Layers, int Opset, double WorstRelativeDifference);
