namespace AlexNetMl.Training;

/// <summary>What to do with a picture that cannot be read or decoded.</summary>
public enum BrokenImageHandling
{
    /// <summary>Training stops with an error that names the file.</summary>
    Stop,

    /// <summary>A picture that cannot be decoded, or is not there from the start, is left out and counted. One that is there and cannot be read stops training.</summary>
    Skip,
}

/// <summary>Number format of the forward and backward pass.</summary>
public enum TrainingPrecision
{
    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>bfloat16 for weights and activations of each step; the optimizer keeps float32 weights, batch normalizations float32 weights and statistics.</summary>
    BFloat16,
}

/// <summary>How a <see cref="NetworkTrainer"/> trains. Defaults are the paper's (section 5) where it names a value.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes over the training pictures, at least 1. Default 90.</summary>
    public int Epochs { get; init; } = 90;

    /// <summary>Pictures in a step, at least 1. Default 128. An epoch's last batch may be smaller.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Learning rate where the schedule's factor is 1, positive. Default 0.01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Momentum in [0, 1). Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay on all parameters, biases included as in the paper, at least 0. Default 5e-4.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>The rate over time. Default <see cref="LearningRateSchedule.Constant"/>.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>Share of the target probability that is spread over all classes, in [0, 1). Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How pictures are varied. Default: random windows and flips, no colour noise.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Where the learning rate stands in the update rule. Default the paper's.</summary>
    public VelocityForm Velocity { get; init; } = VelocityForm.RateInside;

    /// <summary>Further factors on the rate of single layers. Default none.</summary>
    public IReadOnlyList<LayerRate> LayerRates { get; init; } = [];

    /// <summary>
    /// Parts that a step's batch is worked through in, at least 1; gradients add up, so that a batch of 128 fits a card that holds 32 at a time in 4
    /// parts. Default 1.
    /// </summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Number format of the forward and backward pass. Default float32.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>Epochs without a better validation accuracy after which training ends, 0 for never. Default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Steps after which training ends, whatever <see cref="Epochs"/> says; 0 for no such limit. Default 0.</summary>
    public long MaxSteps { get; init; }

    /// <summary>Seed of shuffling, windows, flips and dropout. Default 1. The initial weights have their own, <see cref="NetworkOptions.Seed"/>.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Where to train: "cpu", "cuda", "cuda:N", or two of them, as "cuda:0,cuda:1", for a <see cref="TwoTowerAlexNet"/>. Default "cpu".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of torch's operators and of decoding, 0 for all cores. Default 0. With it and the seed a run on the CPU repeats exactly.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Threads that prepare batches ahead, 0 for 1 where pictures are in memory; where not, as many as <see cref="Threads"/> on the CPU, which decode in the gaps of the
    /// training step, and half the cores beside a GPU. Default 0. No effect on results.
    /// </summary>
    public int Workers { get; init; }

    /// <summary>Memory for decoded pictures in bytes; folders that need more are decoded again every epoch. Default 2 GiB.</summary>
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>What to do with broken pictures. Default <see cref="BrokenImageHandling.Stop"/>.</summary>
    public BrokenImageHandling OnBrokenImage { get; init; }

    /// <summary>Whether the network ends with the weights of the epoch that did best on the validation pictures, rather than the last. Default false.</summary>
    public bool KeepBestWeights { get; init; }

    /// <summary>Least time between two progress reports; the end of an epoch is always reported. Default half a second.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is outside its range; the message gives value, range and remedy.</exception>
    public void Validate()
    {
        AtLeast(Epochs, 1, nameof(Epochs), "epochs");
        AtLeast(BatchSize, 1, nameof(BatchSize), "pictures in a batch");
        AtLeast(Threads, 0, nameof(Threads), "threads");
        AtLeast(Workers, 0, nameof(Workers), "workers");
        AtLeast(CacheBytes, 0, nameof(CacheBytes), "bytes of cache");
        AtLeast(Accumulate, 1, nameof(Accumulate), "parts of a batch");
        AtLeast(Patience, 0, nameof(Patience), "epochs of patience");
        AtLeast(MaxSteps, 0, nameof(MaxSteps), "steps at most");
        DevicePlacement.CheckNames(Device);
        ArgumentNullException.ThrowIfNull(Augmentation);
        Augmentation.Validate();
        ArgumentNullException.ThrowIfNull(LayerRates);
        foreach (LayerRate rate in LayerRates)
            rate.Validate();
        if (!Enum.IsDefined(Velocity))
            throw new ArgumentOutOfRangeException(nameof(Velocity), $"{Velocity} is none of RateInside, RateOutside.");
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), $"{Precision} is none of Float32, BFloat16.");
        if (!(LearningRate > 0 && double.IsFinite(LearningRate)))
            throw new ArgumentOutOfRangeException(nameof(LearningRate), $"A learning rate of {LearningRate}: take a positive one, 0.01 is the paper's.");
        if (!(Momentum >= 0 && Momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(Momentum), $"Momentum {Momentum} is outside [0, 1): 0.9 is the paper's.");
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay)))
            throw new ArgumentOutOfRangeException(nameof(WeightDecay), $"Weight decay {WeightDecay}: take 0 or more, 5e-4 is the paper's.");
        if (!(LabelSmoothing >= 0 && LabelSmoothing < 1))
            throw new ArgumentOutOfRangeException(nameof(LabelSmoothing), $"Label smoothing {LabelSmoothing} is outside [0, 1): 0 switches it off.");
        if (!Enum.IsDefined(OnBrokenImage))
            throw new ArgumentOutOfRangeException(nameof(OnBrokenImage), $"{OnBrokenImage} is none of Stop, Skip.");
        ArgumentNullException.ThrowIfNull(Schedule);
        Schedule.Validate(Epochs);
    }

    /// <summary>What of it goes by validation pictures; null where nothing does.</summary>
    internal string? NeedsValidation =>
        KeepBestWeights ? nameof(KeepBestWeights) : Patience > 0 ? nameof(Patience) : Schedule.NeedsValidation ? Schedule.GetType().Name : null;

    internal int ResolvedThreads => Threads > 0 ? Threads : Environment.ProcessorCount;

    internal bool OnCpu => DevicePlacement.IsCpu(Device);

    internal int ResolvedWorkers(bool inMemory) => Workers > 0 ? Workers : inMemory ? 1 : OnCpu ? ResolvedThreads : Math.Max(1, Environment.ProcessorCount / 2);

    private static void AtLeast(long value, long least, string name, string what)
    {
        if (value < least)
            throw new ArgumentOutOfRangeException(name, $"{value} {what}: take {least} or more.");
    }
}
