namespace AlexNetMl.Samples.TransferLearning;

/// <summary>What the command line says; the README's output is that of the defaults.</summary>
internal sealed record TransferOptions
{
    /// <summary>A network to take features from; null: one that is trained here.</summary>
    public string? Model { get; init; }

    /// <summary>Its layer: behind the last hidden one's ReLU.</summary>
    public string Layer { get; init; } = "relu7";

    /// <summary>Class folders to learn from; null: Fashion-MNIST's last five classes.</summary>
    public string? Data { get; init; }

    /// <summary>Class folders to measure on.</summary>
    public string? Test { get; init; }

    /// <summary>Pictures of each class to learn from.</summary>
    public IReadOnlyList<int> PerClass { get; init; } = [2, 5, 20];

    /// <summary>Draws of the handful.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Pictures of the first five classes to train the source network on.</summary>
    public int SourcePictures { get; init; } = 10_000;

    /// <summary>Passes over them.</summary>
    public int SourceEpochs { get; init; } = 4;

    /// <summary>Steps of training on the handful.</summary>
    public int ScratchSteps { get; init; } = 200;

    /// <summary>Pictures to measure on.</summary>
    public int TestPictures { get; init; } = 2_000;

    /// <summary>The shipped part of Fashion-MNIST in any case.</summary>
    public bool ShippedPart { get; init; }

    /// <summary>Folder of the source network.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "transfer-learning");

    /// <summary>Seed of everything.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>CPU threads, 0 for all cores.</summary>
    public int Threads { get; init; }
}
