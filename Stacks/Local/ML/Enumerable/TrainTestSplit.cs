using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    // What the real package falls back to: a split without any seed is the same each time too.
    private const int SplitSeed = 42;

    /// <summary>
    /// Deals the rows out to two lazy views by a number in [0, 1) per row. Without a sampling key the number depends on the seed and the row's position;
    /// with one, on the seed and the key's value, so that rows of equal keys stay together. Keys that are numbers (Single, Double) or key-typed
    /// are dealt out by their own value's place in its range, as ML.NET does, and rows whose key is missing are in neither view.
    /// </summary>
    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        Errors.NotNull(data, nameof(data));
        Errors.Require(testFraction > 0 && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        int chosen = seed ?? ((Runtime.IHostEnvironmentInternal)_environment).Seed ?? SplitSeed;
        RowFraction fraction = samplingKeyColumnName is null ? RowFraction.ByPosition(chosen) : RowFraction.ByKey(data, samplingKeyColumnName, chosen);
        return new TrainTestData(
            new FractionView(data, fraction, value => value >= testFraction),
            new FractionView(data, fraction, value => value < testFraction));
    }

    public struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }

    /// <summary>The rows whose fraction passes; NaN passes no comparison. Like the real one's, its schema is a new one.</summary>
    private sealed class FractionView(IDataView source, RowFraction fraction, Func<double, bool> accept) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema { get; } = DataViewSchema.Of(source.Schema.Select(column => new DataViewSchema.DetachedColumn(column)));

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        {
            bool[] active = Activity.Of(columnsNeeded, Schema);
            return new FractionCursor(source.GetRowCursor(source.Schema.Where(c => active[c.Index] || c.Index == fraction.Column)), Schema, active, fraction, accept);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
            => [GetRowCursor(columnsNeeded)];
    }

    private sealed class FractionCursor(DataViewRowCursor input, DataViewSchema schema, bool[] active, RowFraction fraction, Func<double, bool> accept)
        : SelectingCursor(input, schema, active)
    {
        private readonly Func<double> _fraction = fraction.Bind(input);

        protected override bool Advance()
        {
            while (Input.MoveNext())
            {
                if (accept(_fraction()))
                {
                    return true;
                }
            }
            return false;
        }
    }
}
