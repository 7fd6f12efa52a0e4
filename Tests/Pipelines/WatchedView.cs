using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>A data view that counts its open cursors and the rows they gave.</summary>
internal sealed class WatchedView(IDataView inner) : IDataView
{
    private int _open;
    private int _rows;

    public int Open => Volatile.Read(ref _open);

    public int Rows => Volatile.Read(ref _rows);

    public bool CanShuffle => inner.CanShuffle;

    public DataViewSchema Schema => inner.Schema;

    public long? GetRowCount() => inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, inner.GetRowCursor(columnsNeeded, rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly WatchedView _view;
        private readonly DataViewRowCursor _inner;
        private bool _disposed;

        public Cursor(WatchedView view, DataViewRowCursor inner)
        {
            _view = view;
            _inner = inner;
            Interlocked.Increment(ref view._open);
        }

        public override long Position => _inner.Position;

        public override long Batch => _inner.Batch;

        public override DataViewSchema Schema => _inner.Schema;

        public override bool MoveNext()
        {
            bool moved = _inner.MoveNext();
            Interlocked.Add(ref _view._rows, moved ? 1 : 0);
            return moved;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _inner.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _inner.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _inner.IsColumnActive(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                Interlocked.Decrement(ref _view._open);
                _inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
