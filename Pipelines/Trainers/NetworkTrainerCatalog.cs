using AlexNetMl.Trainers;

namespace Microsoft.ML;

/// <summary>What AlexNetMl adds to <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
public static class NetworkTrainerCatalog
{
    /// <summary>
    /// An AlexNet that learns to tell pictures apart. <c>Fit</c> trains it with torch, exports it as ONNX, compares the file with torch and returns
    /// the scorer that runs it in batches.
    /// </summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="options">Columns, recipe, size, epochs, validation, device, folders; see <see cref="NetworkTrainerOptions"/>.</param>
    /// <param name="context">Where to log, and whose <see cref="MLContext.GpuDeviceId"/> and <see cref="MLContext.FallbackToCpu"/> say where to train
    /// and score when <paramref name="options"/> name no device; null for no log and the processor. Its seed is out of reach:
    /// <see cref="NetworkTrainerOptions.Seed"/> is the one that counts.</param>
    /// <returns>An estimator whose transformer adds <c>Score</c> (probabilities in the order of the label's keys, slot names the key values) and
    /// <c>PredictedLabel</c> (a key with the same values), as <see cref="OnnxImageScoringCatalog.ScoreOnnxImages"/> does.</returns>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static NetworkTrainingEstimator AlexNet(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, NetworkTrainerOptions options, MLContext? context = null) =>
        Network(catalog, "alexnet", options, context);

    /// <summary>As <see cref="AlexNet(MulticlassClassificationCatalog.MulticlassClassificationTrainers, NetworkTrainerOptions, MLContext)"/>, with the default recipe.</summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="labelColumnName">The label: a key column of type <c>Key&lt;UInt32&gt;</c>.</param>
    /// <param name="imageColumnName">The pictures: a text column of paths, or a column of pictures.</param>
    /// <param name="context">Where to log, and whose device is the default.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static NetworkTrainingEstimator AlexNet(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = NetworkTrainerOptions.DefaultLabelColumn,
        string imageColumnName = NetworkTrainerOptions.DefaultImageColumn,
        MLContext? context = null) =>
        AlexNet(catalog, new NetworkTrainerOptions { LabelColumnName = labelColumnName, ImageColumnName = imageColumnName }, context);

    /// <summary>Any network of the catalogue as a trainer: as <c>AlexNet</c>, with another architecture.</summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="name">A network of <see cref="NetworkTrainerOptions.Networks"/>, such as <c>resnet18</c> or <c>vgg11_bn</c>.</param>
    /// <param name="options">See <see cref="NetworkTrainerOptions"/>; null for the defaults.</param>
    /// <param name="context">Where to log, and whose device is the default.</param>
    /// <exception cref="ArgumentException">There is no network of that name, or an option is outside its range.</exception>
    public static NetworkTrainingEstimator Network(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string name, NetworkTrainerOptions? options = null, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new NetworkTrainingEstimator(name, options ?? new NetworkTrainerOptions(), context);
    }
}
