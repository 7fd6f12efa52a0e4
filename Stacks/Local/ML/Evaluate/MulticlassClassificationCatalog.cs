using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class MulticlassClassificationCatalog : TrainCatalogBase
{
    internal MulticlassClassificationCatalog(IHostEnvironment environment)
        : base(environment)
        => Trainers = new MulticlassClassificationTrainers(this);

    public MulticlassClassificationTrainers Trainers { get; }

    /// <summary>
    /// Fits and evaluates once per fold, on the rows outside and inside it. Rows are dealt out as <see cref="DataOperationsCatalog.TrainTestSplit"/> does it: rows of
    /// equal sampling keys stay together.
    /// </summary>
    public IReadOnlyList<CrossValidationResult<MulticlassClassificationMetrics>> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = "Label",
        string samplingKeyColumnName = null,
        int? seed = null)
    {
        Errors.NotEmpty(labelColumnName, nameof(labelColumnName));
        (ITransformer Model, IDataView Scores, int Fold)[] folds = [.. TrainFolds(data, estimator, numberOfFolds, samplingKeyColumnName, seed)];
        return [.. folds.Select(fold => new CrossValidationResult<MulticlassClassificationMetrics>(fold.Model, Evaluate(fold.Scores, labelColumnName), fold.Scores, fold.Fold))];
    }

    /// <summary>
    /// Compares label keys with score slots: key 1 is slot 0. Keys must therefore be numbered as the scorer numbers its classes.
    /// The predicted-label column has to be there, but only the scores count.
    /// </summary>
    public MulticlassClassificationMetrics Evaluate(
        IDataView data,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel",
        int topKPredictionCount = 0)
    {
        Errors.NotNull(data, nameof(data));
        Errors.NotEmpty(labelColumnName, nameof(labelColumnName));
        Errors.NotEmpty(scoreColumnName, nameof(scoreColumnName));
        Errors.NotEmpty(predictedLabelColumnName, nameof(predictedLabelColumnName));
        Errors.Require(topKPredictionCount >= 0, nameof(topKPredictionCount), "Must be non-negative");
        return MulticlassEvaluator.Evaluate(data, labelColumnName, scoreColumnName, predictedLabelColumnName, topKPredictionCount);
    }

    public sealed class MulticlassClassificationTrainers : CatalogInstantiatorBase
    {
        internal MulticlassClassificationTrainers(MulticlassClassificationCatalog catalog)
            : base(catalog)
        {
        }
    }
}
