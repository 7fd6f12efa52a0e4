using System.Globalization;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.NetworkComparison;

/// <summary>A network and its width: resnet18:0.25.</summary>
internal sealed record Contestant(NetworkDefinition Definition, double Width)
{
    public string Name => Definition.Name;

    /// <exception cref="ArgumentException">There is no such network, or the width is no number.</exception>
    public static Contestant Parse(string text)
    {
        string[] parts = text.Split(':');
        double width = 1;
        if (parts.Length > 2 || (parts.Length == 2 && !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out width)))
        {
            throw new ArgumentException($"'{text}' is no network and width: write, say, resnet18:0.25.");
        }

        return new Contestant(NetworkCatalog.Default.Get(parts[0]), width);
    }
}

internal sealed record ComparisonOptions
{
    /// <summary>The seeds' walk from AlexNet to DenseNet at small width, and their point about depth.</summary>
    public static IReadOnlyList<string> DefaultNetworks { get; } =
        ["alexnet:0.2", "vgg11:0.125", "googlenet:0.25", "resnet18:0.25", "densenet121:0.25", "plain20:0.5", "plain56:0.5", "resnet20:0.5", "resnet56:0.5"];

    /// <summary>A folder with train/ and test/ of class folders; null: Fashion-MNIST.</summary>
    public string? Data { get; init; }

    public required IReadOnlyList<Contestant> Networks { get; init; }

    /// <summary>Passes over the pictures, for every network as many.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Training pictures, the same for every network; 0 for all.</summary>
    public int Pictures { get; init; } = 10_000;

    /// <summary>Minutes that all trainings together may take; where the epochs do not fit, every network gets fewer. 0 for no bound.</summary>
    public double Minutes { get; init; }

    public int Side { get; init; } = 28;

    public int BatchSize { get; init; } = 64;

    public int Threads { get; init; }

    public long Seed { get; init; } = 1;

    public string Output { get; init; } = Path.Combine("artifacts", "networks");
}
