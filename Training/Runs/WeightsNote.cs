using System.Globalization;

namespace AlexNetMl.Training;

/// <summary>What a run's files of weights say of themselves in their metadata: which step or epoch they are of.</summary>
internal static class WeightsNote
{
    private const string StepKey = "step", EpochKey = "epoch", AccuracyKey = "validation_top1";

    /// <summary>That of weights.safetensors.</summary>
    internal static Dictionary<string, string> Of(long step) => Note((StepKey, step.ToString(CultureInfo.InvariantCulture)));

    /// <summary>That of best.safetensors.</summary>
    internal static Dictionary<string, string> Of(BestEpoch best) =>
        Note((EpochKey, best.Epoch.ToString(CultureInfo.InvariantCulture)), (AccuracyKey, best.Accuracy.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>The step that a file's weights are of; 0 where it does not say, as an imported network's.</summary>
    internal static long Step(string path) =>
        SafeTensors.ReadHeader(path).Metadata.TryGetValue(StepKey, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : 0;

    /// <summary>The epoch that a file's weights are of; null where it does not say, or is damaged.</summary>
    internal static BestEpoch? Epoch(string path)
    {
        IReadOnlyDictionary<string, string> note;
        try
        {
            note = SafeTensors.ReadHeader(path).Metadata;
        }
        catch (SafeTensorsFormatException)
        {
            return null;
        }
        return note.TryGetValue(EpochKey, out string? epoch) && int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && note.TryGetValue(AccuracyKey, out string? accuracy) && double.TryParse(accuracy, NumberStyles.Float, CultureInfo.InvariantCulture, out double top1)
            ? new BestEpoch(number, top1)
            : null;
    }

    // Other tools look for the format.
    private static Dictionary<string, string> Note(params (string Key, string Value)[] own) =>
        new(own.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))) { ["format"] = "pt" };
}
