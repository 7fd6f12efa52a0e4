using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AlexNetMl.Training;

/// <summary>
/// metrics.jsonl: a line for every few steps and one for every epoch, written as they happen. Lines are in the order of their <c>step</c>.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    /// <summary>Kinds of lines: a step; an epoch; where a run was to end inside an epoch, what had been done of it.</summary>
    internal const string Step = "step", Epoch = "epoch", PartialEpoch = "partial-epoch";

    private readonly FileStream _stream;

    /// <summary>
    /// Opens the log behind the lines up to <paramref name="step"/>. Dropped are later ones, of steps that will be taken again, torn ones, and those of
    /// epochs that a run ended inside and now goes on with.
    /// </summary>
    internal MetricsLog(string path, long step)
    {
        string[] kept = [.. Read(path).Where(line => line.Step <= step && line.Kind != PartialEpoch).Select(line => line.Text)];
        TextFile.Write(path, string.Concat(kept.Select(line => line + "\n")));
        // No buffer: what a full disk did not take must not be tried again when the log is closed.
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Adds a line; it is out of this process when the call returns.</summary>
    internal void Add<T>(T line) => _stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, RunJson.Line) + "\n"));

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>The whole lines of a log, with the step they belong to; those that a kill or a hand has torn are passed over.</summary>
    internal static IEnumerable<(long Step, string Kind, string Text, JsonObject Values)> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } text)
        {
            JsonObject? values;
            try
            {
                values = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
            }
            catch (JsonException)
            {
                continue;
            }
            if (values?["step"] is JsonValue step && step.TryGetValue(out long number))
                yield return (number, values["kind"] is JsonValue kind && kind.TryGetValue(out string? name) ? name : "", text, values);
        }
    }
}

/// <summary>A line of metrics.jsonl on a step.</summary>
internal sealed record StepLine(long Step, int Epoch, double Loss, double Accuracy, double LearningRate, double ImagesPerSecond, double Seconds)
{
    public string Kind { get; init; } = MetricsLog.Step;
}

/// <summary>A line of metrics.jsonl on an epoch; step is its last.</summary>
internal sealed record EpochLine(
    long Step, int Epoch, double TrainingLoss, double TrainingAccuracy, double? ValidationLoss, double? ValidationAccuracy, double? ValidationTop5, double LearningRate, double ImagesPerSecond, double Seconds)
{
    public string Kind { get; init; } = MetricsLog.Epoch;
}
