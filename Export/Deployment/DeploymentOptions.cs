using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Deployment;

/// <summary>What is made of an exported network. The defaults change nothing but the golden rows.</summary>
public sealed record DeploymentOptions
{
    /// <summary>How much of the preprocessing goes into the graph. Default: nothing.</summary>
    public OnnxInputForm InputForm { get; init; } = OnnxInputForm.Tensor;

    /// <summary>How weights, and in eight bits activations too, are held. Default: as trained.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Float32;

    /// <summary>
    /// With <see cref="OnnxPrecision.Int8"/>: pictures of the kind that the network will see, some hundred of them; the ranges of its activations
    /// are those that they give. Labels do not matter. Enumerated once. Default: null.
    /// </summary>
    public IEnumerable<RgbImage>? Calibration { get; init; }

    /// <summary>Rows with which the file proves itself, 1 to 16; 0, the default, for as many as suit its size; −1 for none.</summary>
    public int GoldenRows { get; init; }
}
