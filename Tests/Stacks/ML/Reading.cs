using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

/// <summary>Small readers that several tests share; public API only, as everything here also has to hold on the real package.</summary>
internal static class Reading
{
    internal static string[] KeyValues(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        return values.DenseValues().Select(value => value.ToString()).ToArray();
    }

    internal static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    internal static string Names(DataViewSchema schema) => string.Join(",", schema.Select(column => column.Name));

    internal static string Names(SchemaShape shape) => string.Join(",", shape.Select(column => column.Name));
}

internal sealed class TextRow
{
    public string Text { get; set; } = "";

    internal static IEnumerable<TextRow> Of(params string[] texts) => texts.Select(text => new TextRow { Text = text });
}

/// <summary>A data view of numbers 0…n-1 in columns A, B and C that notes what it is asked for.</summary>
internal sealed class RecordingView : IDataView
{
    private readonly int _rows;

    internal RecordingView(int rows)
    {
        _rows = rows;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Int32);
        builder.AddColumn("B", NumberDataViewType.Int32);
        builder.AddColumn("C", NumberDataViewType.Int32);
        Schema = builder.ToSchema();
    }

    internal List<string> Asked { get; } = [];

    internal Dictionary<string, int> Fetched { get; } = new() { ["A"] = 0, ["B"] = 0, ["C"] = 0 };

    internal int Moved { get; private set; }

    internal int Disposed { get; private set; }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = columnsNeeded.OrderBy(column => column.Index).ToArray();
        Asked.Add(string.Join(",", columns.Select(column => column.Name)));
        return new Cursor(this, columns.Select(column => column.Index).ToHashSet());
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(RecordingView view, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;
        private bool _disposed;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext()
        {
            if (_disposed || _position + 1 >= view._rows)
            {
                return false;
            }
            view.Moved++;
            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Assert.IsTrue(IsColumnActive(column), $"A getter was fetched for {column.Name}, which nobody had asked for.");
            ValueGetter<int> getter = (ref int value) =>
            {
                lock (view.Fetched)
                {
                    view.Fetched[column.Name]++;
                }
                value = (int)_position + (100 * column.Index);
            };
            return (ValueGetter<TValue>)(Delegate)getter;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        protected override void Dispose(bool disposing)
        {
            if (!_disposed)
            {
                _disposed = true;
                view.Disposed++;
            }
            base.Dispose(disposing);
        }
    }
}
