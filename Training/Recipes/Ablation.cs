namespace AlexNetMl.Training;

/// <summary>A part of the network or its training that the paper measured the worth of by leaving it out.</summary>
public sealed class Ablation
{
    private readonly Func<Recipe, Recipe> _apply;

    private Ablation(string name, string meaning, Func<Recipe, Recipe> apply) => (Name, Meaning, _apply) = (name, meaning, apply);

    /// <summary>No response normalization of any kind (section 3.3: it takes 1.4 / 1.2 points off the top-1 / top-5 error).</summary>
    public static Ablation LocalResponseNorm { get; } = new(
        "lrn", "no local response normalization", recipe => AlexNet(recipe, network => network with { ResponseNorm = false, ContrastNorm = false }));

    /// <summary>Pooling windows of 2×2 instead of 3×3 at stride 2 (section 3.4: overlapping takes 0.4 / 0.3 points off).</summary>
    public static Ablation OverlappingPooling { get; } = new(
        "overlap", "pooling windows do not overlap", recipe => AlexNet(recipe, network => network with { OverlappingPooling = false }));

    /// <summary>tanh instead of ReLU (section 3.1: several times slower to learn).</summary>
    public static Ablation Relu { get; } = new(
        "relu", "tanh instead of ReLU", recipe => AlexNet(recipe, network => network with { Activation = AlexNetActivation.Tanh }));

    /// <summary>No noise along the principal components of colour (section 4.1: it takes over 1 point off the top-1 error).</summary>
    public static Ablation ColorNoise { get; } = new(
        "pca", "no colour noise", recipe => recipe with { Training = recipe.Training with { Augmentation = recipe.Training.Augmentation with { ColorNoise = null } } });

    /// <summary>No dropout (section 4.2: the network overfits substantially).</summary>
    public static Ablation Dropout { get; } = new(
        "dropout", "no dropout", recipe => recipe with { Network = recipe.Network with { Dropout = 0 } });

    /// <summary>The one-GPU network with half the kernels in conv1 to conv4 (section 3.2: two GPUs take 1.7 / 1.2 points off).</summary>
    public static Ablation HalfSize { get; } = new(
        "half", "half the kernels in conv1 to conv4, no groups", recipe => AlexNet(recipe, network => network with { HalfSize = true }));

    /// <summary>All there are; a removed layer once for each middle layer.</summary>
    public static IReadOnlyList<Ablation> All { get; } =
        [LocalResponseNorm, OverlappingPooling, Relu, ColorNoise, Dropout, HalfSize, .. AlexNetOptions.MiddleLayers.Select(Layer)];

    /// <summary>What it is called on a command line, such as lrn or conv3.</summary>
    public string Name { get; }

    /// <summary>What the network or its training is then like.</summary>
    public string Meaning { get; }

    /// <summary>One middle layer removed (section 7: about 2 points more top-1 error).</summary>
    /// <param name="name">conv2, conv3, conv4, conv5, fc6 or fc7.</param>
    /// <exception cref="ArgumentException">There is no such middle layer.</exception>
    public static Ablation Layer(string name)
    {
        if (!AlexNetOptions.MiddleLayers.Contains(name))
            throw new ArgumentException($"Layer '{name}' cannot be removed: take one of {string.Join(", ", AlexNetOptions.MiddleLayers)}.", nameof(name));
        return new Ablation(name, $"without {name}", recipe => AlexNet(recipe, network => network with { RemovedLayer = name }));
    }

    /// <summary>An ablation by its name.</summary>
    /// <param name="name">One of the names in <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists them.</exception>
    public static Ablation Get(string name) =>
        All.FirstOrDefault(ablation => ablation.Name == name)
        ?? throw new ArgumentException($"There is no ablation '{name}': take one of {string.Join(", ", All.Select(ablation => ablation.Name))}.", nameof(name));

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal Recipe ApplyTo(Recipe recipe) => _apply(recipe);

    private static Recipe AlexNet(Recipe recipe, Func<AlexNetOptions, AlexNetOptions> change) => recipe.Network is AlexNetOptions network
        ? recipe with { Network = change(network) }
        : throw new ArgumentException("Only AlexNet can do without that part: of other networks' recipes, dropout and pca can be left out.", nameof(recipe));
}
