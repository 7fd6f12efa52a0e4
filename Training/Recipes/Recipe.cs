using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What is subtracted from a picture before the network sees it.</summary>
public enum InputNormalization
{
    /// <summary>Pixels of 0 to 255, less the mean picture of the training set, not divided by anything (section 2).</summary>
    MeanImage,

    /// <summary>Pixels of 0 to 1, less the training set's mean colour, divided by its deviation per channel.</summary>
    MeanColor,
}

/// <summary>
/// All that tells one way to train a network from another, as data: <see cref="Recipes"/> has AlexNet's with names, <c>docs/recipes.md</c> tells them apart; each other
/// network of the <see cref="NetworkCatalog"/> has its own.
/// </summary>
public sealed record Recipe
{
    /// <summary>What it is called on a command line.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence on what it is.</summary>
    public required string Description { get; init; }

    /// <summary>The network. Classes, side and seed are the data's and the run's: see <see cref="NetworkFor"/>.</summary>
    public NetworkOptions Network { get; init; } = new AlexNetOptions();

    /// <summary>The training. Device, threads, seed and the like are the run's.</summary>
    public TrainerOptions Training { get; init; } = new();

    /// <summary>What is subtracted from a picture. Default <see cref="InputNormalization.MeanImage"/>, the paper's.</summary>
    public InputNormalization Normalization { get; init; } = InputNormalization.MeanImage;

    /// <summary>A picture's shorter side over the side of the window that is cut out, in [1, 8]. Default 256 / 224, the paper's (section 2).</summary>
    public double ShorterSideRatio { get; init; } = 256.0 / 224;

    /// <summary>How pictures are resized. Default bilinear with antialiasing; the paper names none.</summary>
    public ResamplingFilter Filter { get; init; } = ResamplingFilter.Bilinear;

    /// <summary>Names of the ablations that were applied, in that order. Default none.</summary>
    public IReadOnlyList<string> Ablations { get; init; } = [];

    /// <summary>Name and ablations in words, as "default without lrn, pca".</summary>
    public string Title => Ablations.Count == 0 ? Name : $"{Name} without {string.Join(", ", Ablations)}";

    /// <summary>The network for given data.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="side">Side of the input in pixels.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    public NetworkOptions NetworkFor(int classes, int side, long seed = 1) => Network with { Classes = classes, Side = side, Seed = seed };

    /// <summary>The AlexNet for given data.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="side">Side of the input in pixels.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="InvalidOperationException">The recipe is another network's.</exception>
    public AlexNetOptions AlexNetFor(int classes, int side, long seed = 1) => NetworkFor(classes, side, seed) as AlexNetOptions
        ?? throw new InvalidOperationException($"The recipe '{Name}' is not AlexNet's but has {Network.GetType().Name}.");

    /// <summary>The shorter side that pictures are resized to: 256 for 224 in the paper.</summary>
    /// <param name="cropSide">Side of the window that is cut out, at least 1.</param>
    public int ShorterSide(int cropSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cropSide, 1);
        return (int)Math.Round(cropSide * ShorterSideRatio, MidpointRounding.AwayFromZero);
    }

    /// <summary>The same recipe without one of its parts.</summary>
    /// <param name="ablation">What to take out.</param>
    public Recipe Without(Ablation ablation)
    {
        ArgumentNullException.ThrowIfNull(ablation);
        return ablation.ApplyTo(this) with { Ablations = [.. Ablations, ablation.Name] };
    }

    /// <summary>The recipe in words, one row for each switch, always in the same order.</summary>
    /// <param name="shorterSide">The shorter side of a run that was given one of its own; null: the recipe's.</param>
    public IReadOnlyList<RecipeFact> Describe(int? shorterSide = null) => RecipeFact.Of(this, shorterSide ?? ShorterSide(Network.Side));

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name))
            throw new ArgumentException("The recipe has no name: give it one.", nameof(Name));
        if (!(ShorterSideRatio >= 1 && ShorterSideRatio <= 8))
            throw new ArgumentOutOfRangeException(nameof(ShorterSideRatio), $"A shorter side of {ShorterSideRatio} windows is outside [1, 8]: 256 / 224 is the paper's.");
        if (!Enum.IsDefined(Normalization))
            throw new ArgumentOutOfRangeException(nameof(Normalization), $"{Normalization} is none of MeanImage, MeanColor.");
        if (!Enum.IsDefined(Filter))
            throw new ArgumentOutOfRangeException(nameof(Filter), $"{Filter} is none of {string.Join(", ", Enum.GetNames<ResamplingFilter>())}.");
        Network.Validate();
        Training.Validate();
    }

    /// <summary>The recipe as indented JSON, every value named; <see cref="FromJson"/> gives the same recipe back.</summary>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>A recipe from JSON. Keys that are absent take their defaults.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote, edited or not.</param>
    /// <exception cref="InvalidDataException">It is not JSON, has an unknown or doubled key, or a value outside its range; the message says which.</exception>
    public static Recipe FromJson(string json) => OptionsJson.Read<Recipe>(json, "recipe", recipe => recipe.Validate());
}
