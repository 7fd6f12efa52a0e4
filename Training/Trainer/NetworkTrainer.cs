using System.Diagnostics;
using AlexNetMl.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// Trains an image network with stochastic gradient descent on a folder of pictures, and evaluates it.
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
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public TrainingResult Train(
        Module<Tensor, Tensor> network,
        PictureSet training,
        PictureSet? validation,
        ImagePreprocessing preprocessing,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CheckArguments(network, training, preprocessing);
        if (validation is not null && !validation.Classes.SequenceEqual(training.Classes))
            throw new ArgumentException($"The validation pictures have the classes {string.Join(", ", validation.Classes)}, the training pictures {string.Join(", ", training.Classes)}: use the same folders for both.", nameof(validation));
        if (_options.KeepBestWeights && validation is null)
            throw new ArgumentException("KeepBestWeights needs validation pictures to choose by: give some or switch it off.", nameof(validation));

        var clock = Stopwatch.StartNew();
        using var placement = new DevicePlacement(network, _options);
        manual_seed(_options.Seed);
        PictureStore pictures = PictureStore.Open(training, preprocessing, _options, placement.Threads, cancellationToken);
        PictureStore? held = validation is null ? null : PictureStore.Open(validation, preprocessing, _options, placement.Threads, cancellationToken);
        var augmentation = new Augmentation(_options.Seed, _options.Augmentation, preprocessing);
        using var loader = new BatchLoader(pictures, preprocessing, augmentation, epoch => Shuffled(pictures.Usable, epoch), _options.Epochs, _options.BatchSize, _options.ResolvedWorkers(pictures.InMemory));
        using SGD optimizer = optim.SGD(network.parameters(), _options.LearningRate, _options.Momentum, weight_decay: _options.WeightDecay);
        using var best = new WeightsCopy();
        var reporter = new ProgressReporter(progress, _options, loader.BatchesPerEpoch, clock);

        var epochs = new List<EpochMetrics>();
        int skipped = pictures.Missing;
        int kept = _options.Epochs;
        double bestAccuracy = double.NegativeInfinity;
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            network.train(true);
            reporter.StartEpoch(epoch);
            var counter = new ScoreCounter(training.Classes.Count);
            double rate = 0;
            for (int step = 0; step < loader.BatchesPerEpoch; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Batch batch = loader.Take((long)epoch * loader.BatchesPerEpoch + step, cancellationToken);
                rate = _options.LearningRate * _options.Schedule.Factor(new TrainingMoment(epoch + (double)step / loader.BatchesPerEpoch, _options.Epochs, [.. epochs.Select(e => 1 - e.ValidationAccuracy)]));
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = rate;
                skipped += batch.Skipped;
                if (batch.Count > 0)
                    Step(network, optimizer, batch, placement.Device, counter, $"epoch {epoch + 1}, step {step + 1} (learning rate {rate:g3})");
                loader.Release(batch);
                reporter.StepDone(step + 1, counter, rate);
            }

            if (counter.Images == 0)
                throw NoneReadable(training);
            double imagesPerSecond = reporter.ImagesPerSecond(counter.Images);
            EvaluationResult? result = held is null ? null : Evaluate(network, held, preprocessing, training.Classes.Count, placement.Device, cancellationToken);
            epochs.Add(new EpochMetrics(epoch + 1, counter.Loss, counter.Top1, result?.Loss ?? double.NaN, result?.Top1 ?? double.NaN, rate, imagesPerSecond, clock.Elapsed));
            if (_options.KeepBestWeights && result!.Top1 > bestAccuracy)
            {
                (bestAccuracy, kept) = (result.Top1, epoch + 1);
                best.Take(network);
            }
            reporter.EpochDone(counter, epochs[^1]);
        }
        if (_options.KeepBestWeights)
            best.Restore(network);
        network.eval();
        return new TrainingResult(epochs, kept, skipped, clock.Elapsed);
    }

    /// <summary>Scores labelled pictures: centre window, dropout off. The network ends on the CPU, in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="folder">The pictures.</param>
    /// <param name="preprocessing">How a picture becomes a tensor.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The network has another number of outputs than the folder has classes, or takes another side.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public EvaluationResult Evaluate(Module<Tensor, Tensor> network, PictureSet folder, ImagePreprocessing preprocessing, CancellationToken cancellationToken = default)
    {
        CheckArguments(network, folder, preprocessing);
        using var placement = new DevicePlacement(network, _options);
        PictureStore pictures = PictureStore.Open(folder, preprocessing, _options, placement.Threads, cancellationToken);
        EvaluationResult result = Evaluate(network, pictures, preprocessing, folder.Classes.Count, placement.Device, cancellationToken);
        return result.Images > 0 ? result : throw NoneReadable(folder);
    }

    private void Step(Module<Tensor, Tensor> network, SGD optimizer, Batch batch, Device device, ScoreCounter counter, string where)
    {
        using var scope = NewDisposeScope();
        Tensor labels = batch.Labels.narrow(0, 0, batch.Count);
        network.zero_grad();
        Tensor logits = network.call(batch.Inputs.narrow(0, 0, batch.Count).to(device));
        CheckOutputs(logits, counter.Confusion.Count);
        Tensor loss = functional.cross_entropy(logits, labels.to(device), label_smoothing: _options.LabelSmoothing);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
            throw new TrainingDivergedException($"The loss became {value} in {where}: lower the learning rate or lengthen its warm-up.");
        loss.backward();
        optimizer.step();
        counter.Add(logits, labels, value);
    }

    private EvaluationResult Evaluate(Module<Tensor, Tensor> network, PictureStore pictures, ImagePreprocessing preprocessing, int classes, Device device, CancellationToken cancellationToken)
    {
        network.eval();
        using IDisposable noGradients = no_grad();
        using var loader = new BatchLoader(pictures, preprocessing, Augmentation.None, _ => pictures.Usable, 1, _options.BatchSize, _options.ResolvedWorkers(pictures.InMemory));
        var counter = new ScoreCounter(classes);
        int skipped = 0;
        for (int number = 0; number < loader.BatchesPerEpoch; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Batch batch = loader.Take(number, cancellationToken);
            skipped += batch.Skipped;
            if (batch.Count > 0)
            {
                using var scope = NewDisposeScope();
                Tensor labels = batch.Labels.narrow(0, 0, batch.Count);
                Tensor logits = network.call(batch.Inputs.narrow(0, 0, batch.Count).to(device));
                CheckOutputs(logits, classes);
                counter.Add(logits, labels, functional.cross_entropy(logits, labels.to(device)).item<float>());
            }
            loader.Release(batch);
        }
        return new EvaluationResult(counter.Images, skipped + pictures.Missing, counter.Loss, counter.Top1, counter.Top5, counter.Confusion);
    }

    private int[] Shuffled(int[] pictures, int epoch)
    {
        int[] order = [.. pictures];
        new CounterRandom(_options.Seed, RandomStream.Shuffle, epoch, 0).Shuffle<int>(order);
        return order;
    }

    private static void CheckArguments(Module<Tensor, Tensor> network, PictureSet folder, ImagePreprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(preprocessing);
        preprocessing.Validate();
        if (network is not AlexNet alexNet)
            return;
        if (alexNet.Options.Side != preprocessing.CropSide)
            throw new ArgumentException($"The network takes pictures of {alexNet.Options.Side}×{alexNet.Options.Side}, the preprocessing cuts {preprocessing.CropSide}×{preprocessing.CropSide}: make the two sides equal.", nameof(preprocessing));
        if (alexNet.Options.Classes != folder.Classes.Count)
            throw new ArgumentException($"The network has {alexNet.Options.Classes} outputs, the folder {folder.Classes.Count} classes: make the two equal.", nameof(folder));
    }

    private static InvalidDataException NoneReadable(PictureSet folder) =>
        new($"None of the {folder.Count} pictures can be decoded, the first is '{folder.Name(0)}': check the files.");

    private static void CheckOutputs(Tensor logits, int classes)
    {
        if (logits.ndim != 2 || logits.shape[1] != classes)
            throw new ArgumentException($"The network gives [{string.Join(", ", logits.shape)}] for a batch; with {classes} classes it should be [N, {classes}].");
    }
}
