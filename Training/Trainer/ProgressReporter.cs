using System.Diagnostics;

namespace AlexNetMl.Training;

/// <summary>Turns steps into <see cref="TrainingProgress"/>, no more often than asked for, and measures the rate.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress>? progress, TrainerOptions options, int stepsPerEpoch, long firstStep)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _epochStart;
    private TimeSpan _epochEnd;
    private TimeSpan _last = TimeSpan.MinValue;
    private int _epoch = -1;
    private long _images;

    /// <summary>Takes a step's figures, and adds the speed to them.</summary>
    internal void StepDone(int epoch, int step, int images, RunningScore running)
    {
        if (epoch != _epoch)
        {
            // An epoch's clock starts at the end of the one before, validation included; the first one's with this reporter.
            _epochStart = _epochEnd;
            (_epoch, _images) = (epoch, 0);
        }
        _images += images;
        running.ImagesPerSecond = _images / Math.Max(1e-9, (_clock.Elapsed - _epochStart).TotalSeconds);
        // The last step's figures come with those of the validation, a moment later.
        if (progress is not null && step < stepsPerEpoch && (_last == TimeSpan.MinValue || _clock.Elapsed - _last >= options.ProgressInterval))
        {
            _last = _clock.Elapsed;
            progress.Report(Progress(step, running, null));
        }
    }

    /// <summary>Reports the end of an epoch.</summary>
    internal void EpochDone(RunningScore running, EpochMetrics metrics)
    {
        _last = _epochEnd = _clock.Elapsed;
        progress?.Report(Progress(stepsPerEpoch, running, metrics));
    }

    private TrainingProgress Progress(int step, RunningScore running, EpochMetrics? completed)
    {
        double all = (double)options.Epochs * stepsPerEpoch;
        if (options.MaxSteps > 0)
            all = Math.Min(all, options.MaxSteps);
        // An epoch whose steps an earlier session took is closed without a step of this one.
        int epoch = completed is null ? _epoch : completed.Epoch - 1;
        double at = (double)epoch * stepsPerEpoch + step, done = Math.Max(1, at - firstStep);
        TimeSpan remaining = _clock.Elapsed * (Math.Max(0, all - at) / done);
        return new TrainingProgress(epoch + 1, options.Epochs, step, stepsPerEpoch, running.Loss, running.Accuracy, running.LearningRate, running.ImagesPerSecond, remaining, completed);
    }
}
