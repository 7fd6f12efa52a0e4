namespace Microsoft.ML.Data;

/// <summary>A data view over a sequence of objects; every cursor enumerates the sequence anew and reads a member only when its column's getter is called.</summary>
internal sealed class EnumerableView<TRow> : IDataView
    where TRow : class
{
    private readonly IEnumerable<TRow> _rows;
    private readonly Lazy<Func<Func<TRow>, Delegate>>[] _getters;

    internal EnumerableView(IEnumerable<TRow> rows, BoundColumn[] columns)
    {
        _rows = rows;
        Schema = BoundColumn.SchemaOf(columns);
        _getters = [.. columns.Select(column => new Lazy<Func<Func<TRow>, Delegate>>(() => MemberGetter<TRow>.Compile(column)))];
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_rows as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, Activity.Of(columnsNeeded, Schema));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private readonly EnumerableView<TRow> _view;
        private readonly Delegate[] _getters;
        private readonly IEnumerator<TRow> _rows;

        internal Cursor(EnumerableView<TRow> view, bool[] active)
        {
            _view = view;
            _getters = [.. active.Select((wanted, i) => wanted ? view._getters[i].Value(Current) : null)];
            _rows = view._rows.GetEnumerator();
        }

        public override long Batch => 0;

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Errors.Check(column.Index < _getters.Length, $"Column index must be between 0 and {_getters.Length}");
            return _getters[column.Index] is not null;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Errors.Require(IsColumnActive(column), nameof(column), "requested column not active");
            return Activity.Typed<TValue>(_getters[column.Index]);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId value) =>
            {
                Errors.Check(Position >= 0, Errors.NoCurrentRow);
                value = new DataViewRowId((ulong)Position, 0);
            };

        protected override bool Advance()
        {
            if (!_rows.MoveNext())
            {
                return false;
            }
            Errors.Check(_rows.Current is not null, "Encountered null when iterating over data, this is not supported.");
            return true;
        }

        protected override void Release() => _rows.Dispose();

        private TRow Current()
        {
            Errors.Check(Position >= 0, Errors.NoCurrentRow);
            return _rows.Current;
        }
    }
}
