namespace Microsoft.ML.Trainers;

/// <summary>Trainers that minimise a convex loss with L-BFGS.</summary>
public abstract class LbfgsTrainerBase<TOptions, TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected readonly TOptions Settings;

    private protected LbfgsTrainerBase(TOptions options, SchemaShape.Column label)
        : base(
            new SchemaShape.Column(options.FeatureColumnName, SchemaShape.Column.VectorKind.Vector, Data.NumberDataViewType.Single, isKey: false),
            label,
            options.ExampleWeightColumnName is null
                ? default
                : new SchemaShape.Column(options.ExampleWeightColumnName, SchemaShape.Column.VectorKind.Scalar, Data.NumberDataViewType.Single, isKey: false))
    {
        Errors.Require(options.L1Regularization >= 0, nameof(options.L1Regularization), "Must be non-negative");
        Errors.Require(options.L2Regularization >= 0, nameof(options.L2Regularization), "Must be non-negative");
        Errors.Require(options.OptimizationTolerance > 0, nameof(options.OptimizationTolerance), "Must be positive");
        Errors.Require(options.HistorySize > 0, nameof(options.HistorySize), "Must be positive");
        Errors.Require(options.MaximumNumberOfIterations > 0, nameof(options.MaximumNumberOfIterations), "Must be positive");
        Errors.Require(options.InitialWeightsDiameter >= 0, nameof(options.InitialWeightsDiameter), "Must be non-negative");
        Settings = options;
    }

    public sealed override TrainerInfo Info { get; } = new(normalization: true, caching: true);

    /// <summary>
    /// The regularisation weights count against the sum of all rows' losses. <see cref="StochasticGradientDescentInitilaizationTolerance"/>,
    /// <see cref="DenseOptimizer"/> and <see cref="Quiet"/> change nothing here: vectors are dense, and the start is near the same minimum.
    /// </summary>
    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        public float L2Regularization = 1;
        public float L1Regularization = 1;
        public float OptimizationTolerance = 1e-7f;
        public int HistorySize = 20;
        public int MaximumNumberOfIterations = int.MaxValue;
        public float StochasticGradientDescentInitilaizationTolerance;
        public bool Quiet;
        public float InitialWeightsDiameter;
        public int? NumberOfThreads;
        public bool DenseOptimizer;
        public bool EnforceNonNegativity;

        protected OptionsBase()
        {
        }
    }
}
