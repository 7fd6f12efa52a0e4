namespace Microsoft.ML.Data;

/// <summary>One pass over the source, on a thread of its own, that stores some columns; readers wait for the rows they need.</summary>
internal sealed class CacheFilling
{
    private readonly object _gate = new();
    private volatile int _waiting;
    private volatile int _rows;
    private volatile bool _ended;
    private Exception _failure;

    internal CacheFilling(DataViewRowCursor source, IReadOnlyList<(DataViewSchema.Column Column, CachedColumn Cache)> columns, Action<CacheFilling> onEnd)
    {
        var thread = new Thread(() => Fill(source, columns, onEnd)) { IsBackground = true, Name = "ML cache" };
        thread.Start();
    }

    /// <summary>Whether the pass ended without an error; then <see cref="Rows"/> is how many there are.</summary>
    internal bool Succeeded => _ended && _failure is null;

    internal int Rows => _rows;

    /// <summary>Waits until the row is there; false when there are fewer.</summary>
    internal bool Wait(int row)
    {
        if (row < _rows)
        {
            return true;
        }
        lock (_gate)
        {
            _waiting = _waiting + 1;
            Interlocked.MemoryBarrier();
            while (row >= _rows && !_ended)
            {
                Monitor.Wait(_gate);
            }
            _waiting = _waiting - 1;
        }
        if (row < _rows)
        {
            return true;
        }
        return _failure is { } failure ? throw new InvalidOperationException($"Reading the data to be cached failed: {failure.Message}", failure) : false;
    }

    private void Fill(DataViewRowCursor source, IReadOnlyList<(DataViewSchema.Column Column, CachedColumn Cache)> columns, Action<CacheFilling> onEnd)
    {
        try
        {
            using (source)
            {
                Action[] store = [.. columns.Select(column => column.Cache.Store(source, column.Column))];
                while (source.MoveNext())
                {
                    Errors.Check(_rows < Array.MaxLength, $"No more than {Array.MaxLength} rows can be cached.");
                    foreach (Action one in store)
                    {
                        one();
                    }
                    _rows = _rows + 1;
                    Announce();
                }
            }
        }
        catch (Exception failure)
        {
            // On a thread of its own an exception would end the process; whoever waits for rows gets it instead.
            _failure = failure;
        }
        _ended = true;
        Announce();
        onEnd(this);
    }

    private void Announce()
    {
        // A waiter counts itself before it looks at the rows, so whoever is not seen here has seen the new row.
        Interlocked.MemoryBarrier();
        if (_waiting > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }
}
