using System.Globalization;

namespace AlexNetMl.Training;

/// <summary>One switch of a <see cref="Recipe"/> in words.</summary>
/// <param name="Name">What it decides.</param>
/// <param name="Switch">The property or properties that hold it.</param>
/// <param name="Value">How it stands.</param>
/// <param name="Source">Where that value comes from: a section of the paper, a file of the released 2012 code, or this library's choice.</param>
public sealed record RecipeFact(string Name, string Switch, string Value, string Source)
{
    private const string Ours = "own choice", NotSaid = "not in the paper";

    internal static IReadOnlyList<RecipeFact> Of(Recipe recipe, int shorterSide) =>
        recipe.Network is AlexNetOptions network
            ? [.. AlexNet(network), .. Training(recipe, shorterSide)]
            // The sources below are AlexNet's paper and code; the others' recipes say in one sentence where they come from, their description.
            : [.. Network(recipe.Network), .. Training(recipe, shorterSide).Select(fact => fact with { Source = $"recipe {recipe.Name}, where not chosen otherwise" })];

    // Every switch of the options by its name: what they mean stands with them.
    private static IEnumerable<RecipeFact> Network(NetworkOptions network) => network.GetType().GetProperties()
        .Where(property => property.CanWrite && property.Name is not (nameof(NetworkOptions.Classes) or nameof(NetworkOptions.Side) or nameof(NetworkOptions.Seed)))
        .Select(property => new RecipeFact(
            property.Name, $"Network.{property.Name}", string.Create(CultureInfo.InvariantCulture, $"{property.GetValue(network)}"), "the network's own"));

    private static IReadOnlyList<RecipeFact> AlexNet(AlexNetOptions network)
    {
        bool paperStem = network.Stem != AlexNetStem.Small, ceiling = network.Window == AlexNetWindow.Ceiling, norm = network.ResponseNorm;
        return
        [
            new("width", "Network.Width", Text(network.Width), network.Width == 1 ? "section 3.5" : Ours),
            new("towers", "Network.Grouped, Network.HalfSize",
                network.HalfSize ? "one, half the kernels in conv1 to conv4" : network.Grouped ? "two; conv3, fc6, fc7, fc8 see both" : "one",
                network.HalfSize || network.Grouped ? "section 3.2" : Ours),
            new("conv1 window", "Network.Stem, Network.Window",
                !paperStem ? "5×5, stride 1, pad 2" : ceiling ? "ceil: zeros right and below, 3 on 224" : "symmetric pad 2",
                !paperStem ? Ours : ceiling ? "layer.py, modulesX" : "figure 2 has 55×55 maps, names no pad"),
            new("order", "Network.Order",
                network.Order == AlexNetOrder.Paper ? "conv1, conv2: activation, LRN, pool; conv5: activation, pool" : "conv1: LRN, pool, activation; conv2: activation, LRN, pool; conv5: pool, activation",
                network.Order == AlexNetOrder.Paper ? "sections 3.3, 3.5" : "layers-145.cfg"),
            new("activation", "Network.Activation", network.Activation == AlexNetActivation.ReLU ? "ReLU" : "tanh", "section 3.1"),
            new("LRN", "Network.ResponseNorm, Network.ResponseNormAlpha",
                norm ? $"n 5, k 2, β 0.75, α {Text(network.ResponseNormAlpha)}" : "none",
                "section 3.3"),
            new("LRN α", "Network.AlphaDividedByWindow",
                !norm ? "none" : network.AlphaDividedByWindow ? "divided by n" : "not divided by n",
                norm && network.AlphaDividedByWindow ? "layer.py, NormLayerParser" : "section 3.3"),
            new("LRN neighbours", "Network.ResponseNormScope",
                !norm ? "none" : network.ResponseNormScope == ResponseNormScope.AllChannels ? "all maps of the layer" : "within each tower",
                norm && network.ResponseNormScope == ResponseNormScope.EachTower ? "layers-145.cfg" : "section 3.3"),
            new("contrast norm in conv2", "Network.ContrastNorm",
                network.ContrastNorm ? "5×5 within each map, scale 0.001, power 0.75" : "none",
                network.ContrastNorm ? "layers-145.cfg, cnorm2a" : NotSaid),
            new("pooling", "Network.OverlappingPooling", network.OverlappingPooling ? "3×3, stride 2" : "2×2, stride 2", "section 3.4"),
            new("removed layer", "Network.RemovedLayer", network.RemovedLayer ?? "none", "section 7"),
            new("dropout", "Network.Dropout", network.Dropout == 0 ? "none" : $"{Text(network.Dropout)} on fc6 and fc7", network.Dropout is 0 or 0.5 ? "section 4.2" : Ours),
            new("initial weights", "Network.Initialization",
                Weights(network.Initialization),
                network.Initialization switch { AlexNetInitialization.Paper => "section 5", AlexNetInitialization.He => "He et al., 2015", _ => "layers-145.cfg, initW" }),
        ];
    }

    private static IReadOnlyList<RecipeFact> Training(Recipe recipe, int shorterSide)
    {
        TrainerOptions training = recipe.Training;
        return
        [
            new("update rule", "Training.Velocity",
                training.Velocity == VelocityForm.RateInside ? "rate inside the velocity" : "rate outside the velocity",
                training.Velocity == VelocityForm.RateInside ? "section 5" : "torch"),
            new("batch", "Training.BatchSize", Text(training.BatchSize), training.BatchSize == 128 ? "section 5" : Ours),
            new("momentum", "Training.Momentum", Text(training.Momentum), training.Momentum == 0.9 ? "section 5" : Ours),
            new("weight decay", "Training.WeightDecay", Text(training.WeightDecay), training.WeightDecay == 5e-4 ? "section 5" : Ours),
            new("learning rate", "Training.LearningRate", Text(training.LearningRate), training.LearningRate == 0.01 ? "section 5" : Ours),
            new("schedule", "Training.Schedule",
                Schedule(training.Schedule),
                training.Schedule switch { PlateauSchedule => "section 5", MilestoneSchedule => "notes in layer-params-145", OneCycleSchedule => "Smith and Topin, 2019", _ => Ours }),
            new("rates of single layers", "Training.LayerRates",
                training.LayerRates.Count == 0 ? "none" : string.Join("; ", training.LayerRates.Select(Rate)),
                training.LayerRates.Count == 0 ? NotSaid : "notes in layer-params-145"),
            new("epochs", "Training.Epochs",
                Text(training.Epochs),
                training.Schedule switch { PlateauSchedule => "section 5", MilestoneSchedule => "notes in layer-params-145", _ => Ours }),
            new("label smoothing", "Training.LabelSmoothing",
                training.LabelSmoothing == 0 ? "none" : Text(training.LabelSmoothing),
                training.LabelSmoothing == 0 ? NotSaid : "Szegedy et al., 2016"),
            new("crops", "Training.Augmentation.RandomCrop, PicturesPerCrop",
                !training.Augmentation.RandomCrop ? "centre" : training.Augmentation.PicturesPerCrop == 1 ? "random, each picture its own" : $"random, {training.Augmentation.PicturesPerCrop} pictures share one",
                training.Augmentation.PicturesPerCrop == 1 ? "section 4.1" : "convdata.py, crop_chunk"),
            new("flips", "Training.Augmentation.RandomFlip",
                training.Augmentation.RandomFlip ? "half of the pictures" : "none",
                "section 4.1"),
            new("colour noise", "Training.Augmentation.ColorNoise",
                Noise(training.Augmentation.ColorNoise),
                training.Augmentation.ColorNoise is { Divisor: > 1 } ? "convdata.py; notes in layer-params-145" : "section 4.1"),
            new("input", "Normalization",
                recipe.Normalization == InputNormalization.MeanImage ? "0 to 255, less the mean image" : "0 to 1, less the mean colour, over its deviation",
                recipe.Normalization == InputNormalization.MeanImage ? "section 2" : Ours),
            new("input side", "Network.Side", Text(recipe.Network.Side), recipe.Network.Side == 224 ? "section 3.5" : Ours),
            new("shorter side", "ShorterSideRatio", $"{Text(shorterSide)} for windows of {Text(recipe.Network.Side)}", "section 2"),
            new("resampling", "Filter",
                string.Create(CultureInfo.InvariantCulture, $"{recipe.Filter}, antialiased").ToLowerInvariant(),
                NotSaid),
        ];
    }

    private static string Weights(AlexNetInitialization initialization) => initialization switch
    {
        AlexNetInitialization.Paper => "N(0, 0.01²), biases 1 in conv2, conv4, conv5, fc6, fc7",
        AlexNetInitialization.Original2012 => "N(0, 0.01²), 0.03² in conv3, conv4, conv5, biases 1 in conv2, conv4, conv5, fc6, fc7",
        _ => "N(0, 2 / fan-in), fc8 N(0, 0.01²), biases 0",
    };

    private static string Schedule(LearningRateSchedule schedule) => schedule switch
    {
        PlateauSchedule plateau => $"× {Text(plateau.Multiplier)} after {plateau.Patience} epochs without a fall of the validation error by {Text(plateau.Threshold)}, {plateau.Cuts} times",
        MilestoneSchedule milestones => $"× {Text(milestones.Multiplier)} after epochs {string.Join(", ", milestones.Epochs.Select(Text))}",
        OneCycleSchedule cycle => $"one cycle: up for {Text(100 * cycle.Warmup)} % of the run, then down to 0 along a {(cycle.Cosine ? "cosine" : "line")}",
        _ => "constant",
    };

    private static string Rate(LayerRate rate) => rate.Factor == 0 ? $"{rate.Layer} frozen after epoch {Text(rate.FromEpoch)}" : $"{rate.Layer} × {Text(rate.Factor)} after epoch {Text(rate.FromEpoch)}";

    private static string Noise(ColorNoise? noise)
    {
        if (noise is null)
            return "none";
        string scale = noise.Scale == ColorNoiseScale.Eigenvalue ? "eigenvalues" : "standard deviations";
        string divisor = noise.Divisor == 1 ? "" : $", then pixels over {Text(noise.Divisor)}";
        string end = noise.UntilEpoch is { } epoch ? $", off after epoch {epoch}" : "";
        return $"{Text(noise.Amplitude)} of the {scale}{divisor}{end}";
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
