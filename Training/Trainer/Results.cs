namespace AlexNetMl.Training;

/// <summary>Where a run stands.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean training loss of the epoch so far.</param>
/// <param name="Accuracy">Share of right predictions on the epoch's augmented training pictures so far, dropout on.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Training speed of the epoch so far.</param>
/// <param name="Remaining">Estimated time to the end of the run, validation included.</param>
/// <param name="Completed">The epoch's figures where this report ends an epoch, else null.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, double Loss, double Accuracy, double LearningRate, double ImagesPerSecond, TimeSpan Remaining, EpochMetrics? Completed);

/// <summary>Figures of one epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainingLoss">Mean cross entropy over the epoch's augmented training pictures, dropout on.</param>
/// <param name="TrainingAccuracy">Share of right predictions on them.</param>
/// <param name="ValidationLoss">Mean cross entropy on the validation pictures after the epoch, NaN without any.</param>
/// <param name="ValidationAccuracy">Share of right predictions on them, NaN without any.</param>
/// <param name="LearningRate">Learning rate of the epoch's last step.</param>
/// <param name="ImagesPerSecond">Training speed, validation left out.</param>
/// <param name="Elapsed">Time since the start of the run, decoding included.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainingLoss, double TrainingAccuracy, double ValidationLoss, double ValidationAccuracy, double LearningRate, double ImagesPerSecond, TimeSpan Elapsed)
{
    /// <summary>Share of validation pictures whose class is among the five highest scores, NaN without any.</summary>
    public double ValidationTop5 { get; init; } = double.NaN;
}

/// <summary>The epoch that did best on the validation pictures.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Accuracy">Its validation accuracy.</param>
public sealed record BestEpoch(int Epoch, double Accuracy);

/// <summary>What a run came to.</summary>
/// <param name="Epochs">The epochs' figures; the last is of a part of an epoch where a run was to end inside it.</param>
/// <param name="KeptEpoch">The epoch, from 1, whose weights the network has now: the last, or the best where those were asked for.</param>
/// <param name="SkippedImages">Broken pictures left out, each counted once; a run lists them in skipped.txt.</param>
/// <param name="Elapsed">Time of the whole run.</param>
public sealed record TrainingResult(IReadOnlyList<EpochMetrics> Epochs, int KeptEpoch, int SkippedImages, TimeSpan Elapsed)
{
    /// <summary>Steps that were done before this session: 0 unless a run was resumed.</summary>
    public long FirstStep { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public long Steps { get; init; }

    /// <summary>The best whole epoch, whose weights a run keeps in best.safetensors; null where none was measured.</summary>
    public BestEpoch? Best { get; init; }

    /// <summary>Whether training ended before its last epoch, since nothing better came or the schedule was through.</summary>
    public bool StoppedEarly { get; init; }
}

/// <summary>The loss, or what the network gives for the validation pictures, is no longer a number: training diverged.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>An error without a message of its own.</summary>
    public TrainingDivergedException()
        : this("The loss is no longer a number.")
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">The message.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingDivergedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
