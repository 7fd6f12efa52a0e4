using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>The first <paramref name="count"/> rows; no more than those are read from the source.</summary>
    public IDataView TakeRows(IDataView input, long count) => Part(input, 0, count, count);

    public IDataView SkipRows(IDataView input, long count) => Part(input, count, long.MaxValue, count);

    private static RangeView Part(IDataView input, long skip, long take, long count)
    {
        Errors.NotNull(input, nameof(input));
        Errors.Require(count > 0, nameof(count), "Must be greater than zero.");
        return new RangeView(input, skip, take);
    }

    private sealed class RangeView(IDataView source, long skip, long take) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => source.GetRowCount() is { } rows ? Math.Min(Math.Max(0, rows - skip), take) : null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        {
            bool[] active = Activity.Of(columnsNeeded, Schema);
            return new Cursor(source.GetRowCursor(Schema.Where(column => active[column.Index])), Schema, active, skip, take);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
            => [GetRowCursor(columnsNeeded)];
    }

    private sealed class Cursor(DataViewRowCursor input, DataViewSchema schema, bool[] active, long skip, long take) : SelectingCursor(input, schema, active)
    {
        private long _skip = skip;
        private long _left = take;

        public override long Batch => 0;

        protected override bool Advance()
        {
            if (_left <= 0)
            {
                return false;
            }
            _left--;
            for (; _skip > 0; _skip--)
            {
                if (!Input.MoveNext())
                {
                    return false;
                }
            }
            return Input.MoveNext();
        }
    }
}
