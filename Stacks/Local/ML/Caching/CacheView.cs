namespace Microsoft.ML.Data;

/// <summary>
/// A view that reads its source once per column, when a cursor first asks for the column, and serves rows from memory afterwards. Columns whose
/// values cannot be copied (images) are left out.
/// </summary>
internal sealed class CacheView : IDataView
{
    private const int MostCursors = 64;

    private readonly Lock _gate = new();
    private readonly IDataView _source;
    private readonly DataViewSchema.Column[] _columns;
    private readonly CachedColumn[] _caches;
    private readonly CacheFilling[] _fillings;
    private CacheFilling _rowCounter;

    internal CacheView(IDataView source, IReadOnlyCollection<string> prefetch)
    {
        _source = source;
        _columns = [.. source.Schema.Where(column => column.Type is PrimitiveDataViewType or VectorDataViewType)];
        Schema = _columns.Length == source.Schema.Count ? source.Schema : DataViewSchema.Of(_columns.Select(column => new DataViewSchema.DetachedColumn(column)));
        _caches = new CachedColumn[_columns.Length];
        _fillings = new CacheFilling[_columns.Length];
        if (prefetch.Count > 0)
        {
            var wanted = new bool[_columns.Length];
            foreach (string name in prefetch)
            {
                DataViewSchema.Column column = source.Schema[name];
                int index = Array.FindIndex(_columns, own => own.Index == column.Index);
                Errors.Check(index >= 0, $"Asked to prefetch column '{name}' into cache, but it is of unhandled type '{column.Type}'");
                wanted[index] = true;
            }
            FillingsOf(wanted);
        }
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    /// <summary>Known once a pass has ended, or when the source knows it.</summary>
    public long? GetRowCount()
    {
        lock (_gate)
        {
            return _rowCounter is { Succeeded: true } counter ? counter.Rows : _source.GetRowCount();
        }
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => Cursors(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => Cursors(columnsNeeded, Math.Clamp(n, 1, MostCursors), rand);

    private CacheCursor[] Cursors(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand)
    {
        bool[] active = Activity.Of(columnsNeeded, Schema);
        CacheFilling[] fillings = FillingsOf(active);
        int[] order = rand is null ? null : Shuffled(fillings[0], rand);
        var blocks = new CacheBlocks();
        CachedColumn[] caches = CachesNow();
        return [.. Enumerable.Range(0, n).Select(_ => new CacheCursor(Schema, caches, active, fillings, order, blocks))];
    }

    private CachedColumn[] CachesNow()
    {
        lock (_gate)
        {
            return [.. _caches];
        }
    }

    /// <summary>The passes that fill the columns, at least one, as rows are counted by them; columns that nobody has asked for yet get a new one.</summary>
    private CacheFilling[] FillingsOf(bool[] active)
    {
        lock (_gate)
        {
            int[] missing = [.. Enumerable.Range(0, active.Length).Where(i => active[i] && _fillings[i] is null)];
            if (missing.Length > 0 || (_rowCounter is null && !active.Contains(true)))
            {
                DataViewRowCursor cursor = _source.GetRowCursor(missing.Select(i => _columns[i]));
                foreach (int i in missing)
                {
                    _caches[i] = CachedColumn.Of(_columns[i].Type);
                }
                var filling = new CacheFilling(cursor, [.. missing.Select(i => (_columns[i], _caches[i]))], Forget);
                foreach (int i in missing)
                {
                    _fillings[i] = filling;
                }
                _rowCounter ??= filling;
            }
            CacheFilling[] needed = [.. Enumerable.Range(0, active.Length).Where(i => active[i]).Select(i => _fillings[i]).Distinct()];
            return needed.Length > 0 ? needed : [_rowCounter];
        }
    }

    /// <summary>After a failed pass, its columns are as if nobody had asked: the next cursor tries again.</summary>
    private void Forget(CacheFilling ended)
    {
        if (ended.Succeeded)
        {
            return;
        }
        lock (_gate)
        {
            for (int i = 0; i < _fillings.Length; i++)
            {
                _fillings[i] = _fillings[i] == ended ? null : _fillings[i];
            }
            _rowCounter = _rowCounter == ended ? null : _rowCounter;
        }
    }

    private static int[] Shuffled(CacheFilling filling, Random rand)
    {
        filling.Wait(int.MaxValue);
        int[] order = [.. Enumerable.Range(0, filling.Rows)];
        rand.Shuffle(order);
        return order;
    }
}
