namespace AlexNetMl.Samples.Quickstart;

/// <summary>What the command line says; every default is what the README's figures were measured with.</summary>
internal sealed record QuickstartOptions
{
    /// <summary>Class folders of pictures, or a folder with train/ and test/ of class folders; null: Fashion-MNIST.</summary>
    public string? Data { get; init; }

    /// <summary>Where everything is written.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "quickstart");

    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Images per step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Share of the paper's 96-256-384-384-256-4096-4096 channels.</summary>
    public double Width { get; init; } = 0.2;

    /// <summary>Side of the network's input in pixels; null: 24 for Fashion-MNIST, 64 for other pictures.</summary>
    public int? Side { get; init; }

    /// <summary>Shorter side of a picture before cropping; null: 26 for Fashion-MNIST, 256/224 of the input side (paper, section 4.1) for other pictures.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Highest learning rate of the schedule; null: 0.02 for Fashion-MNIST, the paper's 0.01 for other pictures.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Seed of the initial weights, the order, the crops and the flips.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>cpu or cuda:N, for training and scoring.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>CPU threads; 0: all cores.</summary>
    public int Threads { get; init; }

    /// <summary>The network's input side that is in force.</summary>
    public int ResolvedSide => Side ?? (Data is null ? 24 : 64);

    /// <summary>The learning rate that is in force.</summary>
    public double ResolvedLearningRate => LearningRate ?? (Data is null ? 0.02 : 0.01);

    /// <summary>The size before cropping that is in force.</summary>
    public int ResolvedShorterSide => ShorterSide ?? (Data is null && Side is null ? 26 : (int)Math.Ceiling(ResolvedSide * 256.0 / 224.0));
}
