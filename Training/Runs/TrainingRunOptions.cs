namespace AlexNetMl.Training;

/// <summary>How a run keeps itself.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>Steps between two checkpoints, at least 1. Default 1000. One is also written when a run is stopped and when it ends.</summary>
    public int CheckpointEvery { get; init; } = 1000;

    /// <summary>Most time between two checkpoints. Default ten minutes: where steps are slow, less is lost.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Steps between two lines of metrics.jsonl, at least 1. Default 10.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Least time between two renewals of report.html; it is also renewed after an epoch, where the last time is five seconds ago. Default 15 seconds.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (CheckpointEvery < 1)
            throw new ArgumentOutOfRangeException(nameof(CheckpointEvery), $"A checkpoint every {CheckpointEvery} steps: take 1 or more.");
        if (LogEvery < 1)
            throw new ArgumentOutOfRangeException(nameof(LogEvery), $"A line every {LogEvery} steps: take 1 or more.");
    }
}
