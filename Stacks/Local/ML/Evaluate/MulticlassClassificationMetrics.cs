namespace Microsoft.ML.Data;

/// <summary>Figures of <see cref="MulticlassClassificationCatalog.Evaluate"/>.</summary>
public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassTally tally, int topK, string[] classNames)
    {
        LogLoss = tally.LogLoss;
        LogLossReduction = tally.LogLossReduction;
        MacroAccuracy = tally.MacroAccuracy;
        MicroAccuracy = tally.MicroAccuracy;
        TopKPredictionCount = topK;
        TopKAccuracyForAllK = topK > 0 ? tally.TopKAccuracies(topK).AsReadOnly() : null;
        PerClassLogLoss = tally.PerClassLogLoss.AsReadOnly();
        ConfusionMatrix = new ConfusionMatrix(tally.Confusion, classNames);
    }

    public double LogLoss { get; }

    public double LogLossReduction { get; }

    public double MacroAccuracy { get; }

    public double MicroAccuracy { get; }

    /// <summary>0 where no top k was asked for.</summary>
    public double TopKAccuracy => TopKAccuracyForAllK is { Count: > 0 } all ? all[^1] : 0;

    public int TopKPredictionCount { get; }

    /// <summary>Null where no top k was asked for.</summary>
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}
