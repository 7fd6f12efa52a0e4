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
        RowFraction fraction = FractionOf(_environment, data, samplingKeyColumnName, seed);
        return new TrainTestData(
            new FractionView(data, fraction, value => value >= testFraction),
            new FractionView(data, fraction, value => value < testFraction));
    }

    /// <summary>The same dealing into equal shares: each is the test set of one pair, the others together its training set.</summary>
    public IReadOnlyList<TrainTestData> CrossValidationSplit(IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null, int? seed = null)
        => Folds(_environment, data, numberOfFolds, samplingKeyColumnName, seed);

    internal static TrainTestData[] Folds(Runtime.IHostEnvironment environment, IDataView data, int folds, string samplingKeyColumn, int? seed)
    {
        Errors.NotNull(data, nameof(data));
        Errors.Require(folds > 1, "numFolds", "Must be more than 1");
        RowFraction fraction = FractionOf(environment, data, samplingKeyColumn, seed);
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            // Both ends count, as in the real package: a row right on one, as keys can be, is tested in both folds.
            double least = (double)fold / folds;
            double most = (double)(fold + 1) / folds;
            return new TrainTestData(
                new FractionView(data, fraction, value => value < least || value > most),
                new FractionView(data, fraction, value => value >= least && value <= most));
        })];
    }

    private static RowFraction FractionOf(Runtime.IHostEnvironment environment, IDataView data, string samplingKeyColumn, int? seed)
    {
        int chosen = seed ?? ((Runtime.IHostEnvironmentInternal)environment).Seed ?? SplitSeed;
        return samplingKeyColumn is null ? RowFraction.ByPosition(chosen) : RowFraction.ByKey(data, samplingKeyColumn, chosen);
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
