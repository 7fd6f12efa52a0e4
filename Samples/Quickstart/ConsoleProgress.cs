using System.Globalization;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>What the console shows while training: a moving line on a terminal, one line an epoch in a log.</summary>
internal sealed class ConsoleProgress : IProgress<string>, IProgress<TrainingProgress>
{
    private readonly bool _terminal = !Console.IsOutputRedirected;

    public void Report(string value) => Console.WriteLine(value);

    public void Report(TrainingProgress value)
    {
        if (value.Completed is { } metrics)
        {
            Epoch(metrics);
        }
        else if (_terminal)
        {
            Console.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"\repoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.Steps}  loss {value.Loss:F3}  top-1 {value.Accuracy:F3}  {value.ImagesPerSecond:F0} images/s  {value.Remaining:m\\:ss} left   "));
        }
    }

    private void Epoch(EpochMetrics metrics)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {metrics.Epoch}: loss {metrics.TrainingLoss:F3}, held out: loss {metrics.ValidationLoss:F3}, top-1 {metrics.ValidationAccuracy:F4}, {metrics.ImagesPerSecond:F0} images/s");
        Console.WriteLine(_terminal ? $"\r{line,-90}" : line);
    }
}
