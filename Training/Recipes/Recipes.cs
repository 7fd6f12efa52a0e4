namespace AlexNetMl.Training;

/// <summary>The recipes that have a name.</summary>
public static class Recipes
{
    // The paper's 0.0005 and 0.9 hold for all that follow it.
    private static readonly TrainerOptions PaperTraining = new()
    {
        Epochs = 90,
        BatchSize = 128,
        LearningRate = 0.01,
        Momentum = 0.9,
        WeightDecay = 5e-4,
        Velocity = VelocityForm.RateInside,
        Schedule = new PlateauSchedule(),
        Augmentation = new AugmentationOptions { ColorNoise = new ColorNoise() },
    };

    /// <summary>The network and its training as the paper prints them.</summary>
    public static Recipe Paper { get; } = new()
    {
        Name = "paper",
        Description = "Krizhevsky, Sutskever and Hinton, NIPS 2012, as printed.",
        Training = PaperTraining,
    };

    /// <summary>The released code's run on ILSVRC-2012 (layers-145, log of 2012-09-13): 40.7 / 18.2 % error with ten crops.</summary>
    public static Recipe Original2012 { get; } = new()
    {
        Name = "original-2012",
        Description = "The authors' released code and its run on ILSVRC-2012, where they depart from print.",
        Network = new AlexNetOptions
        {
            Window = AlexNetWindow.Ceiling,
            Order = AlexNetOrder.Original2012,
            AlphaDividedByWindow = true,
            ResponseNormScope = ResponseNormScope.EachTower,
            ContrastNorm = true,
            Initialization = AlexNetInitialization.Original2012,
        },
        Training = OriginalTraining([25, 51, 79], conv1Cut: 67, conv1Frozen: 72, stop: 91),
    };

    /// <summary>The same code's run on ILSVRC-2010, whose schedule differs: 37.5 / 17.0 % error with ten crops.</summary>
    public static Recipe Original2012OnIlsvrc2010 { get; } = Original2012 with
    {
        Name = "original-2012-ilsvrc2010",
        Description = "The authors' released code and its run on ILSVRC-2010, where they depart from print.",
        Training = OriginalTraining([23, 51, 78], conv1Cut: 68, conv1Frozen: 72, stop: 93),
    };

    /// <summary>What one would choose today for a small folder of pictures and minutes of time.</summary>
    public static Recipe Default { get; } = new()
    {
        Name = "default",
        Description = "For a small folder of pictures: He's initial weights, one cycle of the learning rate, crops and flips.",
        Network = new AlexNetOptions { Width = 0.25, Side = 112, Dropout = 0.25, Initialization = AlexNetInitialization.He },
        Training = new TrainerOptions
        {
            Epochs = 20,
            BatchSize = 32,
            LearningRate = 0.01, // with 0.02, one of four seeds learnt nothing from 180 pictures
            Momentum = 0.9,
            WeightDecay = 5e-4,
            Velocity = VelocityForm.RateOutside,
            Schedule = new OneCycleSchedule { Warmup = 0.1 },
            KeepBestWeights = false,
        },
        Normalization = InputNormalization.MeanColor,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [Paper, Original2012, Original2012OnIlsvrc2010, Default];

    /// <summary>A recipe by its name.</summary>
    /// <param name="name">One of the names in <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists them.</exception>
    public static Recipe Get(string name) =>
        All.FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new ArgumentException($"There is no recipe '{name}': take one of {string.Join(", ", All.Select(recipe => recipe.Name))}.", nameof(name));

    // Epochs of the logs at the end of layer-params-145.cfg and layer-params-145-2010.cfg. With conv1's cut the colour noise went.
    private static TrainerOptions OriginalTraining(IReadOnlyList<double> cuts, int conv1Cut, int conv1Frozen, int stop) => PaperTraining with
    {
        Epochs = stop,
        Schedule = new MilestoneSchedule { Epochs = cuts },
        LayerRates = [new LayerRate("conv1", conv1Cut, 0.1), new LayerRate("conv1", conv1Frozen, 0)],
        Augmentation = new AugmentationOptions
        {
            PicturesPerCrop = 32,
            ColorNoise = new ColorNoise { Scale = ColorNoiseScale.StandardDeviation, Divisor = 1.1, UntilEpoch = conv1Cut },
        },
    };
}
