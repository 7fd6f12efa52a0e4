namespace AlexNetMl.Export;

/// <summary>How an ONNX file is imported.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>
    /// The tensor of the file that the network computes; nodes that it does not need are left out. Default: null, the file's first output.
    /// Name an inner tensor to cut the network there.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>
    /// Whether a softmax at the end is left out, so that the network gives logits as training and <see cref="OnnxExporter"/> want them.
    /// Default: false, the network computes what the file computes.
    /// </summary>
    public bool Logits { get; init; }

    /// <summary>
    /// Outputs of a classifier of its own: the last layer with weights is replaced by a fresh one of so many, where it has another number. Default:
    /// null, the file's layer stays.
    /// </summary>
    public int? Classes { get; init; }

    /// <summary>Seed of a fresh classifier's weights. Default: 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Operators and how they are built. Default: <see cref="OnnxOperatorRegistry.Default"/>.</summary>
    public OnnxOperatorRegistry Operators { get; init; } = OnnxOperatorRegistry.Default;
}
