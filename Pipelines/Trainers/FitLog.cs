using System.Globalization;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Trainers;

/// <summary>What <c>Fit</c> tells: notices and every epoch's figures to the context's log, all of the progress to the caller's listener.</summary>
internal sealed class FitLog : IProgress<TrainingProgress>, IDisposable
{
    private const string WarningMark = "warning: ";
    private readonly IChannel? _channel;
    private readonly IProgress<TrainingProgress>? _progress;

    public FitLog(IHost? host, IProgress<TrainingProgress>? progress) => (_channel, _progress) = (host?.Start("Fit"), progress);

    /// <summary>A line; one that starts with "warning: " is a warning.</summary>
    public void Notice(string line)
    {
        // Never as a format: a path may hold braces.
        if (line.StartsWith(WarningMark, StringComparison.Ordinal))
            _channel?.Warning(MessageSensitivity.None, "{0}", line[WarningMark.Length..]);
        else
            _channel?.Info(MessageSensitivity.None, "{0}", line);
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.Completed is { } epoch)
        {
            string validation = double.IsNaN(epoch.ValidationAccuracy)
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $", validation: loss {epoch.ValidationLoss:F3}, top-1 {epoch.ValidationAccuracy:F4}");
            Notice(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch.Epoch} of {value.Epochs}: loss {epoch.TrainingLoss:F3}{validation}, {epoch.ImagesPerSecond:F0} images/s"));
        }
        _progress?.Report(value);
    }

    public void Dispose() => _channel?.Dispose();
}
