using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>Catalogs reach their environment through this; outside the assembly nobody can, as in the real package.</summary>
    internal interface IInternalCatalog
    {
        IHostEnvironment Environment { get; }
    }

    internal static class CatalogUtils
    {
        internal static IHostEnvironment GetEnvironment(this IInternalCatalog catalog)
        {
            Errors.NotNull(catalog, nameof(catalog));
            return catalog.Environment;
        }
    }
}

namespace Microsoft.ML
{
    using Microsoft.ML.Data;

    public sealed class TransformsCatalog : IInternalCatalog
    {
        private readonly IHostEnvironment _environment;

        internal TransformsCatalog(IHostEnvironment environment)
        {
            _environment = environment;
            Conversion = new ConversionTransforms(environment);
        }

        public ConversionTransforms Conversion { get; }

        IHostEnvironment IInternalCatalog.Environment => _environment;

        public sealed class ConversionTransforms : IInternalCatalog
        {
            private readonly IHostEnvironment _environment;

            internal ConversionTransforms(IHostEnvironment environment) => _environment = environment;

            IHostEnvironment IInternalCatalog.Environment => _environment;
        }
    }

    public abstract class TrainCatalogBase : IInternalCatalog
    {
        private protected TrainCatalogBase(IHostEnvironment environment) => Environment = environment;

        private protected IHostEnvironment Environment { get; }

        IHostEnvironment IInternalCatalog.Environment => Environment;

        /// <summary>Trains and scores once per fold, on the rows outside it and inside it.</summary>
        private protected IEnumerable<(ITransformer Model, IDataView Scores, int Fold)> TrainFolds(
            IDataView data, IEstimator<ITransformer> estimator, int folds, string samplingKeyColumn, int? seed)
        {
            Errors.NotNull(estimator, nameof(estimator));
            int fold = 0;
            foreach (DataOperationsCatalog.TrainTestData split in DataOperationsCatalog.Folds(Environment, data, folds, samplingKeyColumn, seed))
            {
                ITransformer model = estimator.Fit(split.TrainSet);

                // A chain is tested with all its parts, those for training included.
                IDataView scores = model is IScopedTransformer chain ? chain.Transform(split.TestSet, TransformerScope.Everything) : model.Transform(split.TestSet);
                yield return (model, scores, fold++);
            }
        }

        public abstract class CatalogInstantiatorBase : IInternalCatalog
        {
            private protected CatalogInstantiatorBase(TrainCatalogBase catalog) => Owner = catalog;

            IHostEnvironment IInternalCatalog.Environment => Owner.Environment;

            private TrainCatalogBase Owner { get; }
        }

        /// <summary>One fold's model, what it scored and how well.</summary>
        public sealed class CrossValidationResult<T>
            where T : class
        {
            public readonly T Metrics;
            public readonly ITransformer Model;
            public readonly IDataView ScoredHoldOutSet;
            public readonly int Fold;

            internal CrossValidationResult(ITransformer model, T metrics, IDataView scores, int fold)
            {
                Model = model;
                Metrics = metrics;
                ScoredHoldOutSet = scores;
                Fold = fold;
            }
        }
    }
}
