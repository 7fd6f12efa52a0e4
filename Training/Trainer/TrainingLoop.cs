using System.Diagnostics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// One run from where it stands to its end: steps, validation after each epoch, the best weights, checkpoints.
/// </summary>
/// <remarks>
/// A step depends on weights, velocities, <see cref="TrainingState"/>, options and pictures alone; torch's random generator (dropout) is seeded
/// for every step. So a run that goes on from a checkpoint takes the very steps it would have taken.
/// </remarks>
internal sealed class TrainingLoop : IDisposable
{
    private readonly TrainerOptions _options;
    private readonly TrainingData _data;
    private readonly Module<Tensor, Tensor> _network;
    private readonly TrainingRun? _run;
    private readonly CancellationToken _cancellation;
    private readonly DevicePlacement _placement;
    private readonly TrainedWeights _weights;
    private readonly MomentumSgd _optimizer;
    private readonly PictureStore _pictures;
    private readonly PictureStore? _held;
    private readonly SkippedPictures _skips;
    private readonly BatchLoader _loader;
    private readonly TrainingState _state;
    private readonly WeightsCopy _best = new();
    private readonly ProgressReporter _reporter;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly double _secondsBefore;
    private readonly FrozenLayers? _frozen;
    private GradientStep? _unsettled;

    internal TrainingLoop(Module<Tensor, Tensor> network, TrainingData data, TrainerOptions options, TrainingRun? run, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        (_network, _data, _options, _run, _cancellation) = (network, data, options, run, cancellation);
        _skips = new SkippedPictures(options.OnBrokenImage);
        _placement = new DevicePlacement(network, options);
        try
        {
            run?.KeepSkipped(_skips);
            _skips.TakesMissing = run is not { IsResumed: true };
            _pictures = PictureStore.Open(data.Training, data.Preprocessing, options, _placement.Threads, cancellation, _skips);
            // Broken validation pictures are found now, not at the end of the first epoch.
            _held = data.Validation is null ? null : PictureStore.Open(data.Validation, data.Preprocessing, options, _placement.Threads, cancellation, _skips, look: _skips.TakesMissing);
            _skips.TakesMissing = false;
            _weights = new TrainedWeights(network, options.Precision);
            _optimizer = new MomentumSgd(_weights.Parameters, options.Momentum, options.WeightDecay, options.Velocity);
            _state = run?.Restore(_weights, _optimizer) ?? new TrainingState();
            _weights.Publish();
            _frozen = new FrozenLayers(network, options.LayerRates);
            _secondsBefore = _state.Seconds;
            var augmentation = new Augmentation(options.Seed, options.Augmentation, data.Preprocessing, data.Statistics);
            _loader = new BatchLoader(_pictures, data.Preprocessing, augmentation, Shuffled, options.Epochs, options.BatchSize, options.ResolvedWorkers(_pictures.InMemory), _state.Step, lowPriority: options.OnCpu);
            _reporter = new ProgressReporter(progress, options, _loader.BatchesPerEpoch, _state.Step);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private long LastStep => _options.MaxSteps > 0 ? Math.Min(_options.MaxSteps, AllSteps) : AllSteps;

    private long AllSteps => (long)_options.Epochs * _loader.BatchesPerEpoch;

    private double Progress => (double)_state.Step / _loader.BatchesPerEpoch;

    private bool EpochIsOpen => _state.Step > (long)_state.Epochs.Count * _loader.BatchesPerEpoch;

    internal TrainingResult Run()
    {
        long firstStep = _state.Step;
        try
        {
            TrainMode();
            while (!IsOver())
            {
                _cancellation.ThrowIfCancellationRequested();
                TakeStep();
                if (_state.Step % _loader.BatchesPerEpoch == 0)
                    CloseEpoch();
                if (_run is not null && _run.CheckpointIsDue(_state.Step))
                    Checkpoint();
            }
            Checkpoint();
            // Ended inside an epoch, by MaxSteps: measured as it stands, after the checkpoint, from which a longer run goes on in that epoch.
            if (EpochIsOpen)
                CloseEpoch(partial: true);
        }
        catch (OperationCanceledException) when (_run is not null)
        {
            Checkpoint();
            throw;
        }

        BestEpoch? kept = _options.KeepBestWeights ? _state.Best : null;
        _run?.Finish(_state, _weights, _network);
        if (kept is not null)
        {
            if (_run is not null)
                _run.LoadBest(_weights);
            else
                _best.Restore(_weights);
        }
        return new TrainingResult([.. _state.Epochs], kept?.Epoch ?? _state.Epochs.Count, _skips.Count, TimeSpan.FromSeconds(_state.Seconds))
        {
            FirstStep = firstStep,
            Steps = _state.Step,
            Best = _state.Best,
            StoppedEarly = _state.Step < LastStep,
        };
    }

    /// <summary>Frees what the run held; the network gets its float32 weights back, on the CPU, in evaluation mode.</summary>
    public void Dispose()
    {
        _unsettled?.Dispose();
        // Where the start failed some are not there yet.
        _loader?.Dispose();
        _optimizer?.Dispose();
        // Before the weights, which give the network other parameters back where they were rounded.
        _frozen?.Dispose();
        _weights?.Dispose();
        _best.Dispose();
        _placement.Dispose();
        _network.eval();
    }

    private bool IsOver()
    {
        // A run that was stopped between an epoch's last step and its validation takes that up first.
        if (EpochIsOpen && _state.Step % _loader.BatchesPerEpoch == 0)
            CloseEpoch();
        if (_state.Step >= LastStep)
            return true;
        if (_state.Step % _loader.BatchesPerEpoch != 0 || _state.Step == 0)
            return false;
        return _state.HasStalled(_options.Patience) || _options.Schedule.IsOver(Moment());
    }

    private TrainingMoment Moment() => new(Progress, _options.Epochs, _state.ValidationErrors);

    private void TakeStep()
    {
        Batch batch = _loader.Take(_state.Step, _cancellation);
        // Where each picture of a step is found to be broken at once, it is not the pictures that are at fault.
        if (batch.Count == 0 && batch.FoundBroken)
            throw new InvalidDataException($"None of the {batch.Skipped} pictures of step {_state.Step + 1} can be decoded any more: see to the storage they lie on; a run goes on from its last checkpoint.");
        double rate = _options.LearningRate * _options.Schedule.Factor(Moment());
        manual_seed(StepSeed());
        GradientStep? step = batch.Count == 0 ? null : GradientStep.Take(_weights, batch, _placement.Device, _data.Training.Classes.Count, _options);
        if (step is not null)
        {
            _optimizer.Step(rate, LayerFactor());
            _weights.Publish();
        }
        _loader.Release(batch);
        _state.Step++;
        // The device may still be at work: its figures are read when the next step has been handed to it.
        Settle();
        _unsettled = step?.At(_state.Step, rate);
    }

    /// <summary>Reads the last step's loss and predictions into the running figures.</summary>
    private void Settle()
    {
        if (_unsettled is null)
            return;
        using GradientStep step = _unsettled;
        _unsettled = null;
        (double loss, int right) = step.Read();
        int epoch = (int)((step.Number - 1) / _loader.BatchesPerEpoch), ofEpoch = (int)((step.Number - 1) % _loader.BatchesPerEpoch) + 1;
        if (!double.IsFinite(loss))
            throw Diverged(FormattableString.Invariant($"The loss became {loss} in epoch {epoch + 1}, step {ofEpoch} (learning rate {step.Rate:g3})"));
        _state.Running.Images += step.Images;
        _state.Running.LossSum += loss * step.Images;
        _state.Running.Right += right;
        _state.Seconds = _secondsBefore + _clock.Elapsed.TotalSeconds;
        _state.Running.LearningRate = step.Rate;
        _reporter.StepDone(epoch, ofEpoch, step.Images, _state.Running);
        _run?.StepDone(step.Number, epoch + 1, loss, (double)right / step.Images, step.Rate, _state.Running.ImagesPerSecond, _state, _network);
    }

    private TrainingDivergedException Diverged(string what) => new(_run?.LastWeights is { } weights
        ? $"{what}: start a new run from '{weights}' with a lower learning rate or a longer warm-up; resumed, this one diverges again."
        : $"{what}: lower the learning rate or lengthen its warm-up.");

    // A sum of finite numbers is one unless they are beyond all use.
    private static bool IsFinite(Tensor tensor)
    {
        using IDisposable noGradients = no_grad();
        using Tensor sum = tensor.sum(), number = sum.to(ScalarType.Float32), onCpu = number.cpu();
        return float.IsFinite(onCpu.item<float>());
    }

    private void CloseEpoch(bool partial = false)
    {
        Settle();
        if (_state.Running.Images == 0)
            throw NetworkTrainer.NoneReadable(_data.Training);
        EvaluationResult? result = Validate();
        if (result is not null && result.UnscoredImages == result.Images && result.Images > 0)
            throw new TrainingDivergedException($"After step {_state.Step} the network gives none of the {result.Images} validation pictures scores that are numbers: lower the learning rate or lengthen its warm-up.");
        _state.Seconds = _secondsBefore + _clock.Elapsed.TotalSeconds;
        int number = _state.Epochs.Count + 1;
        var metrics = new EpochMetrics(
            number, _state.Running.Loss, _state.Running.Accuracy, result?.Loss ?? double.NaN, result?.Top1 ?? double.NaN,
            _state.Running.LearningRate, _state.Running.ImagesPerSecond, TimeSpan.FromSeconds(_state.Seconds)) { ValidationTop5 = result?.Top5 ?? double.NaN };
        _state.Epochs.Add(metrics);
        // What stands at a partial epoch's end are the run's last weights; the epoch is measured again when a longer run closes it.
        if (result is not null && !partial && result.Top1 > (_state.Best?.Accuracy ?? double.NegativeInfinity))
        {
            _state.Best = new BestEpoch(number, result.Top1);
            if (_run is not null)
                _run.SaveBest(_weights, _state.Best);
            else if (_options.KeepBestWeights)
                _best.Take(_weights);
        }
        _reporter.EpochDone(_state.Running, metrics);
        _state.Running = new RunningScore();
        _run?.EpochDone(_state, metrics, result, partial, _network);
    }

    private EvaluationResult? Validate()
    {
        if (_held is null)
            return null;
        _network.eval();
        try
        {
            return PictureEvaluation.Run(inputs => functional.log_softmax(_weights.Logits(inputs.to(_placement.Device)), 1), _held, _data.Preprocessing, _data.Training.Classes.Count, EvaluationCrops.Center, _options, progress: null, _cancellation);
        }
        finally
        {
            TrainMode();
        }
    }

    private void TrainMode()
    {
        _network.train(true);
        _frozen!.Freeze();
    }

    private void Checkpoint()
    {
        Settle();
        _state.Seconds = _secondsBefore + _clock.Elapsed.TotalSeconds;
        _state.SkippedImages = _skips.Count;
        if (_run is not null && !_weights.State.All(item => IsFinite(item.Tensor)))
            throw Diverged($"The weights are no longer finite after step {_state.Step}");
        _run?.Checkpoint(_state, _weights, _optimizer);
    }

    // Dropout of step n is a function of (seed, n), whatever came before.
    private long StepSeed()
    {
        (uint low, uint high, _, _) = Philox.Block(_options.Seed, RandomStream.Dropout, (int)(_state.Step >> 32), (int)_state.Step, 0);
        return (long)((ulong)high << 32 | low) & long.MaxValue;
    }

    private Func<string, double>? LayerFactor()
    {
        if (_options.LayerRates.Count == 0)
            return null;
        double progress = Progress;
        return layer => LayerRate.FactorAt(_options.LayerRates, layer, progress);
    }

    private int[] Shuffled(int epoch)
    {
        int[] order = [.. _pictures.All];
        new CounterRandom(_options.Seed, RandomStream.Shuffle, epoch, 0).Shuffle<int>(order);
        return order;
    }
}
