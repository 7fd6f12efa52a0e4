using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Export;

/// <summary>What goes into an exported file beside the network, and how the file is verified.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// How a picture becomes the network's input. Its <see cref="ImagePreprocessing.CropSide"/> is the input's height and width.
    /// </summary>
    public required ImagePreprocessing Preprocessing { get; init; }

    /// <summary>One label per output of the network, in the order of the outputs.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Name and version of the decoder the network was trained with. Default: null, the one of this process.</summary>
    public string? Decoder { get; init; }

    /// <summary>The ONNX operator set, 13 to 21. Default: 17, which ONNX Runtime 1.13 and later, OpenCV 4.6 and all browsers load.</summary>
    public int Opset { get; init; } = OnnxGraphBuilder.DefaultOpset;

    /// <summary>
    /// Whether local response normalisation is written as ONNX's LRN operator. Default: false, in standard operators, which ONNX Runtime
    /// computes several times as fast on a CPU and, for large values, more exactly. A normalisation that LRN cannot say (an even window,
    /// channel groups) is written in standard operators anyway.
    /// </summary>
    public bool LrnNode { get; init; }

    /// <summary>Whether a BatchNorm directly behind a convolution becomes part of its weights. Default: false, it stays a node of its own.</summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>Whether the values in front of the softmax are an output too, <c>Logits</c> [batch, classes]. Default: false.</summary>
    public bool Logits { get; init; }

    /// <summary>
    /// Paths of modules whose results are outputs too, under the paths as names, for transfer learning or search: <c>fc7</c>, <c>relu7</c>,
    /// <c>pool5</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Rows of the random batch that torch and ONNX Runtime are compared on, 1 to 256. Default: 4.</summary>
    public int VerificationRows { get; init; } = 4;

    /// <summary>Seed of that batch. Default: 1.</summary>
    public long VerificationSeed { get; init; } = 1;

    /// <summary>
    /// How far a tensor may differ, relative to its largest magnitude. Default: 1e-5, what float32 rounding leaves room for.
    /// </summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>What tells the training that made the weights, the fingerprint of a run's data for example. Default: none.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Who made the model. Default: not said.</summary>
    public string? Author { get; init; }

    /// <summary>Under which licence others may use it. Default: not said.</summary>
    public string? Licence { get; init; }

    /// <summary>
    /// Further entries of the file's metadata. Keys that begin with <c>alexnetml.</c> are the library's own. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How modules are written. Default: <see cref="OnnxHandlerRegistry.Default"/>.</summary>
    public OnnxHandlerRegistry Handlers { get; init; } = OnnxHandlerRegistry.Default;

    /// <summary>Checks every option on its own.</summary>
    /// <exception cref="ArgumentException">One is missing or outside its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Preprocessing);
        ArgumentNullException.ThrowIfNull(Labels);
        ArgumentNullException.ThrowIfNull(Handlers);
        ArgumentNullException.ThrowIfNull(Features);
        Preprocessing.Validate();
        if (Labels.Count == 0)
        {
            throw new ArgumentException("Labels is empty; give one label per output of the network.", nameof(Labels));
        }

        for (int i = 0; i < Labels.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(Labels[i]) || Labels[i].AsSpan().ContainsAny('\n', '\r'))
            {
                throw new ArgumentException(
                    $"Label {i} is empty or has a line break, but labels.txt holds one label per line; give it a name of one line.", nameof(Labels));
            }
        }

        if (Opset is < OnnxGraphBuilder.MinOpset or > OnnxGraphBuilder.MaxOpset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Opset), Opset, $"Opset is between {OnnxGraphBuilder.MinOpset} and {OnnxGraphBuilder.MaxOpset}.");
        }

        if (VerificationRows is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(nameof(VerificationRows), VerificationRows, "VerificationRows is between 1 and 256.");
        }

        if (!(Tolerance > 0 && Tolerance < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "Tolerance is above 0 and below 1; 1e-5 suits float32.");
        }

        if (Metadata?.Keys.FirstOrDefault(k => k.Length == 0 || k.StartsWith("alexnetml.", StringComparison.Ordinal)) is { } key)
        {
            throw new ArgumentException(
                $"Metadata has the key '{key}'; keys are not empty and do not begin with 'alexnetml.', which the library's own entries do.",
                nameof(Metadata));
        }
    }
}

/// <summary>What <see cref="OnnxExporter.Export"/> did.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Verification">How close ONNX Runtime comes to torch, tensor by tensor.</param>
/// <param name="Writing">The time from the network to bytes that are safe on the disk.</param>
/// <param name="Verifying">The time of the comparison.</param>
public sealed record OnnxExportReport(string Path, long Bytes, OnnxVerification Verification, TimeSpan Writing, TimeSpan Verifying);
