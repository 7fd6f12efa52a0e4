using AlexNetMl.Imaging;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// Trains an image network with stochastic gradient descent on labelled pictures, and evaluates it.
/// </summary>
/// <remarks>
/// Any module from <c>[N, 3, CropSide, CropSide]</c> pictures to <c>[N, classes]</c> logits will do. On the CPU a run repeats exactly for the
/// same seed, number of threads, pictures and torch. Training seeds torch's default random generator (dropout draws from it) and, while it
/// lasts, sets torch's number of threads, which is one for the whole process.
/// </remarks>
public sealed class NetworkTrainer
{
    private readonly TrainerOptions _options;

    /// <summary>A trainer.</summary>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public NetworkTrainer(TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Trains <paramref name="network"/> in place; it ends on the CPU, in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">Pictures to train on.</param>
    /// <param name="validation">Pictures to measure on after each epoch (centre window, dropout off), with the same classes; null for none.</param>
    /// <param name="preprocessing">How a picture becomes a tensor; ShorterSide − CropSide is the room for random windows.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="cancellationToken">Stops between two steps; the network keeps the weights it has by then.</param>
    /// <exception cref="ArgumentException">The pieces do not fit: other classes in <paramref name="validation"/>, another number of outputs, another side.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or every validation score, became NaN or infinite.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public TrainingResult Train(
        Module<Tensor, Tensor> network,
        PictureSet training,
        PictureSet? validation,
        ImagePreprocessing preprocessing,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Train(network, new TrainingData(training, validation, preprocessing), run: null, progress, cancellationToken);

    /// <summary>
    /// Trains <paramref name="network"/> in place; it ends on the CPU, in evaluation mode. With a <paramref name="run"/> training goes on from its
    /// newest whole checkpoint, writes checkpoints, metrics and a report there, and a cancelled or killed one can be resumed.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="data">Pictures and preprocessing.</param>
    /// <param name="run">The run's folder; null to train in memory alone.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="cancellationToken">Stops between two steps, after a checkpoint.</param>
    /// <exception cref="ArgumentException">The pieces do not fit: other classes in the validation pictures, another number of outputs, another side.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or every validation score, became NaN or infinite; the run's last checkpoint is from before.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="InvalidDataException">No checkpoint of the run can be read.</exception>
    /// <exception cref="IOException">The run's folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public TrainingResult Train(Module<Tensor, Tensor> network, TrainingData data, TrainingRun? run = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        CheckArguments(network, data.Training, data.Preprocessing);
        if (data.Validation is not null)
            PictureSet.RequireSameClasses(data.Training, data.Validation);
        if (data.Validation is null && _options.NeedsValidation is { } what)
            throw new ArgumentException($"{what} needs validation pictures to go by: give some or choose otherwise.", nameof(data));
        if (_options.Augmentation.ColorNoise is not null && data.Statistics is null)
            throw new ArgumentException("Colour noise needs the principal components of the training pictures: measure PictureStatistics, or switch it off.", nameof(data));

        using var loop = new TrainingLoop(network, data, _options, run, progress, cancellationToken);
        return loop.Run();
    }

    /// <summary>Scores labelled pictures, dropout off. The network ends on the CPU, in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="preprocessing">How a picture becomes a tensor.</param>
    /// <param name="crops">Which windows are scored.</param>
    /// <param name="progress">Told the share of the pictures that is done.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The network has another number of outputs than there are classes, or takes another side.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    /// <exception cref="InvalidDataException">No picture can be decoded.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public EvaluationResult Evaluate(
        Module<Tensor, Tensor> network, PictureSet pictures, ImagePreprocessing preprocessing, EvaluationCrops crops = EvaluationCrops.Center, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CheckArguments(network, pictures, preprocessing);
        using var placement = new DevicePlacement(network, _options);
        network.eval();
        return PictureEvaluation.Run(
            inputs => functional.log_softmax(network.call(inputs.to(placement.Device)), 1), pictures, preprocessing, crops, _options, progress, cancellationToken);
    }

    internal static InvalidDataException NoneReadable(PictureSet pictures) =>
        new($"None of the {pictures.Count} pictures can be decoded, the first is '{pictures.Name(0)}': check the files.");

    private static void CheckArguments(Module<Tensor, Tensor> network, PictureSet pictures, ImagePreprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(preprocessing);
        preprocessing.Validate();
        if ((network as IImageNetwork)?.Options is not { } options)
            return;
        if (options.Side != preprocessing.CropSide)
            throw new ArgumentException($"The network takes pictures of {options.Side}×{options.Side}, the preprocessing cuts {preprocessing.CropSide}×{preprocessing.CropSide}: make the two sides equal.", nameof(preprocessing));
        if (options.Classes != pictures.Classes.Count)
            throw new ArgumentException($"The network has {options.Classes} outputs, the pictures have {pictures.Classes.Count} classes: make the two equal.", nameof(pictures));
    }
}
