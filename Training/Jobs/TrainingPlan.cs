using AlexNetMl.Imaging;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>From what is asked for, and the run that is there if any, to every value in force.</summary>
internal static class TrainingPlan
{
    private const string NoData = "No pictures to train on: name a folder of class folders, a manifest, tar shards or a cache.";
    private const string NoPlace = "The run was trained on pictures that a program handed over, not on a place: name the same pictures again.";

    /// <summary>What a run's description says of validation pictures that a program handed over.</summary>
    private const string HandedOver = "(handed over by a program)";

    private const string DefaultArchitecture = "alexnet", DefaultRecipe = "default", DefaultValidation = "0.1";

    /// <summary>Checks all that can be told to be wrong before anything is read but the run.</summary>
    /// <exception cref="TrainingRequestException">A name or a value is not allowed.</exception>
    internal static void Check(TrainingRequest request, RunDescription? stored)
    {
        TrainingRequestException.Guard(() =>
        {
            Network(request, stored);
            double? held = TrainingPictures.CheckShare(Validation(request, stored));
            Recipe recipe = Recipe(request, stored, stored?.Classes.Count ?? 2);
            if (held == 0 && recipe.Training.NeedsValidation is { } what)
                throw new ArgumentException($"{what} needs validation pictures to go by, and there are to be none: hold some out, such as --validation 0.1, or choose otherwise.");
            new ImagePreprocessing { CropSide = recipe.Network.Side, ShorterSide = ShorterSide(request, stored, recipe), Filter = recipe.Filter }.Validate();
            if (request.Data is { Count: 0 })
                throw new ArgumentException(NoData);
            Data(request, stored);
        });
    }

    /// <summary>The recipe with everything the request departs from it in.</summary>
    /// <exception cref="ArgumentException">A name or value is not allowed.</exception>
    internal static Recipe Recipe(TrainingRequest request, RunDescription? stored, int classes)
    {
        // A recipe or an ablation that is named starts from the recipe again: what then differs from the run is an error.
        NetworkDefinition definition = Network(request, stored);
        bool asStored = request.OwnRecipe is null && request.Recipe is null && request.Without.Count == 0;
        Recipe recipe = stored is not null && asStored
            ? stored.Recipe
            : request.Without.Aggregate(
                request.OwnRecipe ?? definition.Recipe(request.Recipe ?? stored?.Recipe.Name ?? DefaultRecipe), (current, ablation) => current.Without(ablation));
        if (request.OwnRecipe is { } own && own.Network.GetType() != definition.Options.GetType())
            throw new ArgumentException($"The recipe '{own.Name}' has {own.Network.GetType().Name}, the network '{definition.Name}' takes {definition.Options.GetType().Name}: give a recipe of that network.");
        TrainerOptions training = recipe.Training;
        NetworkOptions network = recipe.Network;
        long seed = request.Seed ?? training.Seed;
        network = network with
        {
            Classes = classes,
            Side = request.Side ?? network.Side,
            Width = request.Width ?? network.Width,
            Dropout = request.Dropout ?? network.Dropout,
            Seed = seed,
        };
        recipe = recipe with
        {
            Network = network,
            Training = training with
            {
                Epochs = request.Epochs ?? training.Epochs,
                MaxSteps = request.MaxSteps,
                BatchSize = request.BatchSize ?? training.BatchSize,
                Accumulate = request.Accumulate ?? training.Accumulate,
                LearningRate = request.LearningRate ?? training.LearningRate,
                WeightDecay = request.WeightDecay ?? training.WeightDecay,
                LabelSmoothing = request.LabelSmoothing ?? training.LabelSmoothing,
                Augmentation = request.Augment == false ? AugmentationOptions.None : training.Augmentation,
                Patience = request.Patience ?? training.Patience,
                Precision = request.Precision ?? training.Precision,
                LayerRates = request.Freeze == true ? Frozen(definition, network) : training.LayerRates,
                Seed = seed,
                Device = Device(request, stored),
                Threads = request.Threads ?? stored?.Training.Threads ?? 0,
                Workers = request.Workers ?? stored?.Training.Workers ?? 0,
                OnBrokenImage = request.OnBrokenImage ?? stored?.Training.OnBrokenImage ?? BrokenImageHandling.Stop,
            },
        };
        recipe.Validate();
        return recipe;
    }

    /// <summary>The seed in force, which the held-out pictures are drawn by as well.</summary>
    internal static long Seed(TrainingRequest request, RunDescription? stored) => Recipe(request, stored, stored?.Classes.Count ?? 2).Training.Seed;

    internal static string Device(TrainingRequest request, RunDescription? stored) => request.Device ?? stored?.Training.Device ?? "cpu";

    internal static string Architecture(TrainingRequest request, RunDescription? stored) => request.Architecture ?? stored?.Architecture ?? DefaultArchitecture;

    internal static NetworkDefinition Network(TrainingRequest request, RunDescription? stored) => request.Networks.Get(Architecture(request, stored));

    internal static int ShorterSide(TrainingRequest request, RunDescription? stored, Recipe recipe) =>
        request.ShorterSide ?? (request.Side is null ? stored?.ShorterSide : null) ?? recipe.ShorterSide(recipe.Network.Side);

    /// <summary>Where the training pictures are; no place where the request hands them over.</summary>
    internal static IReadOnlyList<string> Data(TrainingRequest request, RunDescription? stored)
    {
        if (request.Pictures is not null)
            return request.Data is null ? [] : throw new ArgumentException($"{nameof(request.Data)} and {nameof(request.Pictures)} both name the training pictures: give one of the two.");
        return request.Data ?? stored switch
        {
            null or { IsImported: true } => throw new ArgumentException(NoData),
            { Data.Training.Count: 0 } => throw new ArgumentException(NoPlace),
            _ => stored.Data.Training,
        };
    }

    internal static string Validation(TrainingRequest request, RunDescription? stored)
    {
        if (request.ValidationPictures is null)
            return request.Validation ?? stored?.Data.Validation ?? (stored is { IsImported: false } ? "0" : DefaultValidation);
        return request.Validation is null
            ? HandedOver
            : throw new ArgumentException($"{nameof(request.Validation)} and {nameof(request.ValidationPictures)} both name the validation pictures: give one of the two.");
    }

    // Only its names are needed.
    private static LayerRate[] Frozen(NetworkDefinition definition, NetworkOptions options)
    {
        using Module<Tensor, Tensor> network = definition.Outline(options);
        string classifier = definition.ClassifierOf(network);
        IEnumerable<string> layers = network.named_parameters().Select(pair => pair.Item1[..pair.Item1.LastIndexOf('.')]).Distinct();
        return [.. layers.Where(layer => layer != classifier).Select(layer => new LayerRate(layer, 0, 0))];
    }
}
