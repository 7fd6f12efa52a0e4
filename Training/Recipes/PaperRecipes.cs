using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>The recipes of the networks after AlexNet: each paper's own, and one for a small folder of pictures.</summary>
internal static class PaperRecipes
{
    // Section 3.1 of the VGG paper: as Krizhevsky et al., batch 256, the rate cut three times when the validation accuracy stops rising, 74 epochs; crops from
    // pictures of shorter side 256, flips, colour shift; section 2.1: less the mean colour, not divided by anything.
    public static Recipe Vgg(VggOptions options) => Paper("Simonyan and Zisserman, ICLR 2015, section 3.1.", options, Recipes.Paper.Training with { Epochs = 74, BatchSize = 256 });

    // Section 6 of the GoogLeNet paper: asynchronous SGD, momentum 0.9, the rate down by 4 % every 8 epochs; its rate, batch, decay and length are not in it and
    // AlexNet's here.
    public static Recipe GoogLeNet(GoogLeNetOptions options) => Paper(
        "Szegedy et al., CVPR 2015, section 6; rate, batch, weight decay and epochs are AlexNet's, the paper names none.",
        options,
        Recipes.Paper.Training with
        {
            Epochs = 90,
            Schedule = new MilestoneSchedule { Epochs = [.. Enumerable.Range(1, 11).Select(i => 8.0 * i)], Multiplier = 0.96 },
            Augmentation = new AugmentationOptions(),
        });

    // Section 3.4 of the ResNet paper; section 4.2 for the small ones (batch 128, cuts at 32,000 and 48,000 of 64,000 steps: epochs 91, 137 and 182 of CIFAR-10's
    // 45,000 pictures; windows of 32 from pictures of 40).
    public static Recipe ResNet(ResNetOptions options) => options.IsSmallKind
        ? Paper("He et al., CVPR 2016, section 4.2.", options, BatchNormalized with
        {
            Epochs = 182, BatchSize = 128, Schedule = new MilestoneSchedule { Epochs = [91, 137] }, Augmentation = new AugmentationOptions(),
        }) with { ShorterSideRatio = 40.0 / 32 }
        : Paper("He et al., CVPR 2016, section 3.4.", options, BatchNormalized with { Epochs = 120, BatchSize = 256, Schedule = new PlateauSchedule(), Augmentation = Recipes.Paper.Training.Augmentation });

    // Section 4.2 of the DenseNet paper, ImageNet: batch 256, 90 epochs, the rate over 10 after 30 and 60.
    public static Recipe DenseNet(DenseNetOptions options) => Paper(
        "Huang et al., CVPR 2017, section 4.2.",
        options,
        BatchNormalized with { Epochs = 90, BatchSize = 256, Schedule = new MilestoneSchedule { Epochs = [30, 60] }, Augmentation = new AugmentationOptions() });

    /// <summary>What one would choose today for a small folder of pictures and minutes of time: AlexNet's <see cref="Recipes.Default"/> on another network.</summary>
    public static Recipe Today(NetworkOptions options) => Recipes.Default with
    {
        Description = "For a small folder of pictures: a quarter of the width, one cycle of the learning rate, crops and flips.",
        Network = options with { Width = 0.25, Side = options.Side == 224 ? Recipes.Default.Network.Side : options.Side },
        Training = Recipes.Default.Training with { LearningRate = IsBatchNormalized(options) ? 0.05 : 0.02 },
    };

    private static TrainerOptions BatchNormalized => Recipes.Default.Training with { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-4, KeepBestWeights = false };

    private static Recipe Paper(string description, NetworkOptions options, TrainerOptions training) => new()
    {
        Name = Recipes.Paper.Name,
        Description = description,
        Network = options,
        Training = training,
        Normalization = InputNormalization.MeanColor,
        Filter = ResamplingFilter.Bilinear,
    };

    private static bool IsBatchNormalized(NetworkOptions options) => options is ResNetOptions or DenseNetOptions or VggOptions { BatchNorm: true } or GoogLeNetOptions { BatchNorm: true };
}
