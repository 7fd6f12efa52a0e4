using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>A network of a <see cref="NetworkCatalog"/>: what it is called, where it comes from, how it is made and trained.</summary>
public sealed record NetworkDefinition
{
    private readonly IReadOnlyList<Recipe>? _recipes;

    /// <summary>A network.</summary>
    /// <param name="name">What it is called on a command line: lower case, such as resnet18.</param>
    /// <param name="options">The options it has where none are given; others must be of the same type.</param>
    /// <param name="create">Makes one.</param>
    public NetworkDefinition(string name, NetworkOptions options, Func<NetworkOptions, Module<Tensor, Tensor>> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(create);
        (Name, Title, Options, Create) = (name, name, options, create);
        Outline = create;
    }

    /// <summary>What it is called on a command line.</summary>
    public string Name { get; }

    /// <summary>What it is called in print. Default: the name.</summary>
    public string Title { get; init; }

    /// <summary>Year of its paper; null where there is none.</summary>
    public int? Year { get; init; }

    /// <summary>Its paper; null where there is none.</summary>
    public string? Paper { get; init; }

    /// <summary>The options it has where none are given.</summary>
    public NetworkOptions Options { get; }

    /// <summary>Makes one with its initial weights.</summary>
    public Func<NetworkOptions, Module<Tensor, Tensor>> Create { get; }

    /// <summary>Path of the layer that makes class scores of features: what <c>--freeze</c> trains and a new class count replaces. Null: the last layer with weights.</summary>
    public string? Classifier { get; init; }

    /// <summary>Its recipes, the paper's first. Default: <see cref="Recipes.Default"/> alone.</summary>
    public IReadOnlyList<Recipe> Recipes
    {
        get => _recipes ?? [Training.Recipes.Default with { Network = Options }];
        init => _recipes = value;
    }

    /// <summary>Makes one whose weights need not have values; the catalogue's own have only shapes then.</summary>
    internal Func<NetworkOptions, Module<Tensor, Tensor>> Outline { get; init; }

    /// <summary>One of its recipes.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists them.</exception>
    public Recipe Recipe(string name) => Recipes.FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new ArgumentException($"There is no recipe '{name}' for {Name}: take one of {string.Join(", ", Recipes.Select(recipe => recipe.Name))}.", nameof(name));

    /// <summary>The path of the classifier in a network that this made.</summary>
    internal string ClassifierOf(Module network)
    {
        if (Classifier is not null)
            return Classifier;
        string last = network.named_parameters().Select(pair => pair.Item1).LastOrDefault() ?? throw new ArgumentException($"The network '{Name}' has no parameters.", nameof(network));
        return last.LastIndexOf('.') is > 0 and var dot ? last[..dot] : last;
    }

    internal static T Checked<T>(T options)
        where T : NetworkOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
