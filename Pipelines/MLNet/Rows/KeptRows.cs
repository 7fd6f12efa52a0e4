using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>
/// The rows that have been read and not yet delivered, as many as the scorer reads ahead. One thread reads, another may deliver; the scorer hands rows over between
/// them, so only the counters are shared.
/// </summary>
internal sealed class KeptRows
{
    private const int FirstCapacity = 16;

    private readonly KeptColumn[] _columns;
    private readonly Dictionary<int, KeptColumn> _byInput = [];
    private readonly KeptColumn _ids;
    private readonly KeptColumn _batches;
    private readonly KeptColumn[] _all;
    private int _capacity;
    private long _read;
    private long _current = -1;

    public KeptRows(DataViewRow row, IReadOnlyList<DataViewSchema.Column> columns)
    {
        _columns = [.. columns.Select(column => KeptColumn.Create(row, column))];
        for (int i = 0; i < _columns.Length; i++)
        {
            _byInput[columns[i].Index] = _columns[i];
        }

        _ids = new KeptValue<DataViewRowId>(row.GetIdGetter());
        _batches = new KeptValue<long>((ref long value) => value = row.Batch);
        _all = [.. _columns, _ids, _batches];
    }

    /// <summary>Stores the row that was just read.</summary>
    public void Keep()
    {
        long first = Math.Max(Volatile.Read(ref _current), 0);
        if (_read - first >= _capacity)
        {
            _capacity = Math.Max(FirstCapacity, _capacity * 2);
            Array.ForEach(_all, column => column.Grow(first, _read, _capacity));
        }

        int slot = (int)(_read % _capacity);
        Array.ForEach(_all, column => column.Store(slot));
        _read++;
    }

    /// <summary>The next row is the delivered one; the slot of the one before is free.</summary>
    public void Deliver() => Volatile.Write(ref _current, _current + 1);

    public Delegate Getter(int inputIndex, Action requireRow) => _byInput[inputIndex].Getter(Slot(requireRow));

    public ValueGetter<DataViewRowId> IdGetter(Action requireRow) => (ValueGetter<DataViewRowId>)_ids.Getter(Slot(requireRow));

    public ValueGetter<long> BatchGetter() => (ValueGetter<long>)_batches.Getter(Slot(() => { }));

    private Func<int, int> Slot(Action requireRow) => length =>
    {
        requireRow();
        return (int)(_current % length);
    };
}
