namespace AlexNetMl.Samples.ReluVersusTanh;

/// <summary>What the command line says.</summary>
internal sealed record FigureOptions
{
    /// <summary>Folder of CIFAR-10's binary batches; null: Fashion-MNIST.</summary>
    public string? Data { get; init; }

    /// <summary>Training error to reach, a share; null: 0.25 on CIFAR-10, as in the paper, 0.1 on Fashion-MNIST.</summary>
    public double? Target { get; init; }

    /// <summary>Pictures per step.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Learning rates to try for each network; the one that gets there first counts.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [0.02, 0.04, 0.01, 0.005];

    /// <summary>Steps after which a network is given up.</summary>
    public int MaxSteps { get; init; } = 20_000;

    /// <summary>Seed of weights and order.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>CPU threads; 0: all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Where the figure is written.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "figure1");

    /// <summary>The target in force.</summary>
    public double ResolvedTarget => Target ?? (Data is null ? 0.1 : 0.25);
}
