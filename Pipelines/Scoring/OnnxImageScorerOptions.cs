using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>How pictures are scored. The defaults suit a machine that does nothing else.</summary>
public sealed record OnnxImageScorerOptions
{
    /// <summary>Pictures in one call of ONNX Runtime. Default 64. Fully connected layers read their weights once per batch, so a batch of 1 is slow.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// Where the network runs. Default null: not chosen. Then <see cref="OnnxImageScorer"/> takes the processor, and the ML.NET estimator
    /// what its context says, if it was given one.
    /// </summary>
    public OnnxDevice? Device { get; init; }

    /// <summary>What happens at a picture that cannot be used. Default: <see cref="InvalidImageHandling.Stop"/>.</summary>
    public InvalidImageHandling OnInvalidImage { get; init; } = InvalidImageHandling.Stop;

    /// <summary>
    /// Threads that read, decode and resample, per enumeration. Default 0: one per core. They and ONNX Runtime's threads share the cores:
    /// whichever stage is behind gets them, since threads of the other stage sleep (not spin) when they have nothing to do.
    /// </summary>
    public int DecodeThreads { get; init; }

    /// <summary>Threads of ONNX Runtime within one operator. Default 0: one per core that this process may use.</summary>
    public int RuntimeThreads { get; init; }

    /// <summary>Turns encoded bytes into pixels. Default: the one that the model was trained on where this machine has it (<see cref="ImageDecoders.For"/>).</summary>
    public IImageDecoder? Decoder { get; init; }

    /// <summary>What pictures may claim before memory is allocated for them; one that claims more cannot be used. Not for a <see cref="Decoder"/> of one's own. Default <see cref="ImageLimits.Default"/>.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>
    /// Whether loading runs the first of the file's golden rows, if it has any, and refuses a file whose outputs here are not those that it was exported with;
    /// <see cref="GoldenRows.Check"/> runs all of them. Default true; false saves the time of one row:
    /// 0.6 ms of 3.7 for a small network, a tenth of the load of one with 61 million parameters (benchmark <c>load</c>).
    /// </summary>
    public bool CheckGoldenRows { get; init; } = true;

    /// <summary>Best classes that the ML.NET estimator names in columns of their own, best first. Default 0: none.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Whether what goes into the softmax is given as well, from the file's output <c>Logits</c> or else from inside the graph. Default false.
    /// </summary>
    public bool Logits { get; init; }

    /// <summary>
    /// An inner layer whose numbers are given as well, by the name of its tensor or node; a layer that is no output of the file is made one in
    /// memory. Default null: none.
    /// </summary>
    public string? Layer { get; init; }

    /// <summary>Whether <see cref="Layer"/> alone is wanted: then a network needs neither labels nor scores.</summary>
    internal bool FeaturesOnly { get; init; }

    /// <summary>
    /// Whether decoders run at a lower priority than a network on the processor (<see cref="DecodingThread.LowerPriority"/>): for a program that does nothing else. In a busy one its
    /// other threads would keep them from the cores.
    /// </summary>
    internal bool LowPriorityDecoders { get; init; }

    internal void Validate()
    {
        Require(TopK is >= 0 and <= 65_536, nameof(TopK), TopK, "between 0 (none) and 65536");
        Require(Layer is null || Layer.Length > 0, nameof(Layer), "empty", "a layer's name, or null");
        Require(BatchSize is >= 1 and <= 65_536, nameof(BatchSize), BatchSize, "between 1 and 65536; 64 is a good start");
        Require(DecodeThreads is >= 0 and <= 1024, nameof(DecodeThreads), DecodeThreads, "between 0 (one per core) and 1024");
        Require(RuntimeThreads is >= 0 and <= 1024, nameof(RuntimeThreads), RuntimeThreads, "between 0 (one per core) and 1024");
        ArgumentNullException.ThrowIfNull(Limits);
        Require(Enum.IsDefined(OnInvalidImage), nameof(OnInvalidImage), OnInvalidImage, "Stop or Mark");
    }

    private static void Require(bool holds, string option, object value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} is {value}; it must be {allowed}.");
        }
    }
}
