using Microsoft.ML.Data;

namespace Microsoft.ML
{
    public interface ICanSaveModel
    {
        void Save(ModelSaveContext ctx);
    }

    /// <summary>Where a model is being saved. Only the real package makes one.</summary>
    public sealed class ModelSaveContext : IDisposable
    {
        internal ModelSaveContext()
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Turns one data view into another, lazily.</summary>
    public interface ITransformer : ICanSaveModel
    {
        /// <summary>Whether each output row depends on its input row alone; then <see cref="GetRowToRowMapper"/> works.</summary>
        bool IsRowToRowMapper { get; }

        DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

        IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);

        IDataView Transform(IDataView input);
    }

    /// <summary>Learns a transformer from data.</summary>
    public interface IEstimator<out TTransformer>
        where TTransformer : ITransformer
    {
        TTransformer Fit(IDataView input);

        SchemaShape GetOutputSchema(SchemaShape inputSchema);
    }

    internal static class Saving
    {
        internal static NotSupportedException NotHere()
            => new("The Local stack cannot save ML.NET models: build with MLStack=NuGet to save this one.");
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>A transformer bound to an input schema, row by row. Schemas are compared by reference.</summary>
    public interface IRowToRowMapper
    {
        DataViewSchema InputSchema { get; }

        DataViewSchema OutputSchema { get; }

        IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns);

        DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns);
    }
}
