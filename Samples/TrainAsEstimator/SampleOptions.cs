namespace AlexNetMl.Samples.TrainAsEstimator;

/// <summary>What the command line says; the README's output is that of the defaults.</summary>
internal sealed record SampleOptions
{
    /// <summary>Class folders of pictures; null: Fashion-MNIST.</summary>
    public string? Data { get; init; }

    /// <summary>Pictures to take.</summary>
    public int Pictures { get; init; } = 10_000;

    /// <summary>Name of the network.</summary>
    public string Network { get; init; } = "alexnet";

    /// <summary>Passes over the training pictures.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Factor on the channels.</summary>
    public double Width { get; init; } = 0.2;

    /// <summary>Side of the input in pixels.</summary>
    public int Side { get; init; } = 24;

    /// <summary>Shorter side before a window is cut.</summary>
    public int ShorterSide { get; init; } = 26;

    /// <summary>Folds of the cross-validation; 0 for one split.</summary>
    public int Folds { get; init; }

    /// <summary>Share of the pictures to measure on.</summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>Where the run is kept; null for a temporary folder.</summary>
    public string? Run { get; init; }

    /// <summary>Where the model is kept; null for a temporary folder.</summary>
    public string? Output { get; init; }

    /// <summary>Seed of everything.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>CPU threads, 0 for all cores.</summary>
    public int Threads { get; init; }
}
