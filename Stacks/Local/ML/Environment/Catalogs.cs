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

        /// <summary>What trainers hang on.</summary>
        public abstract class CatalogInstantiatorBase : IInternalCatalog
        {
            private protected CatalogInstantiatorBase(TrainCatalogBase owner) => Owner = owner;

            private protected TrainCatalogBase Owner { get; }

            IHostEnvironment IInternalCatalog.Environment => Owner.Environment;
        }
    }
}
