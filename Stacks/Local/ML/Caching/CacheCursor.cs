namespace Microsoft.ML.Data;

/// <summary>Deals blocks of rows out to the cursors of one set.</summary>
internal sealed class CacheBlocks
{
    internal const int Rows = 64;

    private int _next = -1;

    internal int Next() => Interlocked.Increment(ref _next);
}

/// <summary>Walks cached rows, alone or sharing them with the other cursors of its set.</summary>
internal sealed class CacheCursor : RootCursor
{
    private readonly bool[] _active;
    private readonly Delegate[] _getters;
    private readonly CacheFilling[] _fillings;
    private readonly int[] _order;
    private readonly CacheBlocks _blocks;
    private int _block = -1;
    private int _place = CacheBlocks.Rows - 1;

    internal CacheCursor(DataViewSchema schema, CachedColumn[] caches, bool[] active, CacheFilling[] fillings, int[] order, CacheBlocks blocks)
    {
        Schema = schema;
        _active = active;
        _fillings = fillings;
        _order = order;
        _blocks = blocks;
        _getters = [.. caches.Select((cache, i) => active[i] ? cache.Getter(Row) : null)];
    }

    public override DataViewSchema Schema { get; }

    public override long Batch => _block;

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        Errors.Check(column.Index < _active.Length, $"The column {column} is not part of this cursor's schema");
        return _active[column.Index];
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Errors.Check(IsColumnActive(column), $"The column {column.Name} was not asked for when this cursor was made");
        return Activity.Typed<TValue>(_getters[column.Index]);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row(), 0);

    protected override bool Advance()
    {
        if (++_place == CacheBlocks.Rows)
        {
            _block = _blocks.Next();
            _place = 0;
        }
        long index = ((long)_block * CacheBlocks.Rows) + _place;
        if (_order is not null)
        {
            if (index >= _order.Length)
            {
                return false;
            }
            index = _order[index];
        }
        return index < int.MaxValue && Array.TrueForAll(_fillings, filling => filling.Wait((int)index));
    }

    private int Row()
    {
        Errors.Check(Position >= 0, Errors.NoCurrentRow);
        int index = (_block * CacheBlocks.Rows) + _place;
        return _order is null ? index : _order[index];
    }
}
