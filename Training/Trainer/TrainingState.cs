using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>
/// Where a run stands, all but the tensors: with the weights and the velocities it is everything the next step depends on. Random numbers
/// need no place here, they are functions of seed and step.
/// </summary>
internal sealed record TrainingState
{
    /// <summary>Steps done over all epochs.</summary>
    public long Step { get; set; }

    /// <summary>The epochs that are closed: trained and, where there are validation pictures, measured.</summary>
    public List<EpochMetrics> Epochs { get; init; } = [];

    /// <summary>The running figures of the epoch under way.</summary>
    public RunningScore Running { get; set; } = new();

    /// <summary>The best validation accuracy so far, and the epoch, from 1, that it was measured after; null before any.</summary>
    public BestEpoch? Best { get; set; }

    /// <summary>Broken pictures left out so far.</summary>
    public int SkippedImages { get; set; }

    /// <summary>Seconds of training so far, those before an interruption included.</summary>
    public double Seconds { get; set; }

    /// <summary>Share of wrong predictions on the validation pictures after each closed epoch.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> ValidationErrors => [.. Epochs.Select(epoch => 1 - epoch.ValidationAccuracy)];

    /// <summary>Whether nothing better came for as many epochs.</summary>
    public bool HasStalled(int patience) => patience > 0 && Best is { } best && Epochs.Count - best.Epoch >= patience;
}

/// <summary>Sums over an epoch's training pictures so far.</summary>
internal sealed record RunningScore
{
    public long Images { get; set; }

    public double LossSum { get; set; }

    public long Right { get; set; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; set; }

    /// <summary>Training speed of the epoch so far, validation left out; where it was interrupted, since then.</summary>
    public double ImagesPerSecond { get; set; }

    [JsonIgnore]
    public double Loss => LossSum / Images;

    [JsonIgnore]
    public double Accuracy => (double)Right / Images;
}
