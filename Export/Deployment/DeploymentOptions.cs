using AlexNetMl.Onnx;

namespace AlexNetMl.Deployment;

/// <summary>What is made of an exported network. The defaults change nothing but the golden rows.</summary>
public sealed record DeploymentOptions
{
    /// <summary>How much of the preprocessing goes into the graph. Default: nothing.</summary>
    public OnnxInputForm InputForm { get; init; } = OnnxInputForm.Tensor;

    /// <summary>How the weights are held: Float32 or Float16. Default: as trained.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Float32;

    /// <summary>Rows with which the file proves itself, 1 to 16; 0, the default, for as many as suit its size; −1 for none.</summary>
    public int GoldenRows { get; init; }
}
