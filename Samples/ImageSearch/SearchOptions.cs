namespace AlexNetMl.Samples.ImageSearch;

/// <summary>What the command line says; the README's output is that of the defaults.</summary>
internal sealed record SearchOptions
{
    /// <summary>The network.</summary>
    public string Model { get; init; } = Path.Combine("models", "fashion-alexnet");

    /// <summary>The layer: behind the last hidden one's ReLU.</summary>
    public string Layer { get; init; } = "relu7";

    /// <summary>Pictures to search; null: Fashion-MNIST.</summary>
    public string? Gallery { get; init; }

    /// <summary>Pictures to search with; null: Fashion-MNIST.</summary>
    public string? QueryFolder { get; init; }

    /// <summary>How many to search.</summary>
    public int Pictures { get; init; } = 10_000;

    /// <summary>How many to search with.</summary>
    public int Queries { get; init; } = 500;

    /// <summary>How many to find: six in the paper.</summary>
    public int Neighbours { get; init; } = 6;

    /// <summary>Folder of the page.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "image-search");
}
