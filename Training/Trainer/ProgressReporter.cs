using System.Diagnostics;

namespace AlexNetMl.Training;

/// <summary>Turns steps into <see cref="TrainingProgress"/>, no more often than asked for.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress>? progress, TrainerOptions options, int stepsPerEpoch, Stopwatch clock)
{
    private readonly TimeSpan _start = clock.Elapsed;
    private TimeSpan _epochStart;
    private TimeSpan _last = TimeSpan.MinValue;
    private int _epoch;

    internal void StartEpoch(int epoch) => (_epoch, _epochStart) = (epoch, clock.Elapsed);

    internal double ImagesPerSecond(int images) => images / Math.Max(1e-9, (clock.Elapsed - _epochStart).TotalSeconds);

    internal void StepDone(int step, ScoreCounter counter, double rate)
    {
        // The last step's figures come with those of the validation, a moment later.
        if (progress is null || step == stepsPerEpoch || (_last != TimeSpan.MinValue && clock.Elapsed - _last < options.ProgressInterval))
            return;
        _last = clock.Elapsed;
        progress.Report(Progress(step, counter, rate, ImagesPerSecond(counter.Images), null));
    }

    internal void EpochDone(ScoreCounter counter, EpochMetrics metrics)
    {
        _last = clock.Elapsed;
        progress?.Report(Progress(stepsPerEpoch, counter, metrics.LearningRate, metrics.ImagesPerSecond, metrics));
    }

    private TrainingProgress Progress(int step, ScoreCounter counter, double rate, double imagesPerSecond, EpochMetrics? completed)
    {
        double done = (double)_epoch * stepsPerEpoch + step, all = (double)options.Epochs * stepsPerEpoch;
        TimeSpan remaining = (clock.Elapsed - _start) * ((all - done) / done);
        return new TrainingProgress(_epoch + 1, options.Epochs, step, stepsPerEpoch, counter.Loss, counter.Top1, rate, imagesPerSecond, remaining, completed);
    }
}
