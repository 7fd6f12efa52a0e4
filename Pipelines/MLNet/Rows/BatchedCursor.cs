using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>
/// One reading of the input, which runs ahead and fills the model's batches; the values of the columns that pass through are kept until their row is delivered. So
/// what stands before is computed once. Only columns whose values may not be kept (images, types of somebody's own) are read a second time, by a cursor that stands on the
/// delivered row; where the model's input is such a column itself and is not asked for, it is not.
/// </summary>
internal sealed class BatchedCursor<TResult> : DataViewRowCursor
    where TResult : class
{
    private readonly BatchedModel<TResult> _model;
    private readonly ActiveColumns _active;
    private readonly DataViewRowCursor _reader;
    private readonly DataViewRowCursor? _follower;
    private readonly KeptRows _kept;
    private readonly ValueGetter<long> _batch;
    private readonly ValueGetter<DataViewRowId>? _readId;
    private readonly ValueGetter<DataViewRowId>? _followedId;
    private readonly IEnumerator<TResult> _results;
    private long _position = -1;
    private long _failures;
    private bool _disposed;

    public BatchedCursor(
        IDataView input, BatchedModel<TResult> model, IReadOnlyList<DataViewSchema.Column> inputs, ActiveColumns active, Random? rand)
    {
        _model = model;
        _active = active;
        DataViewSchema.Column[] kept = [.. active.Passed.Where(column => KeptColumn.CanKeep(column.Type))];
        DataViewSchema.Column[] followed = [.. active.Passed.Where(column => !KeptColumn.CanKeep(column.Type))];

        // Both readings shuffle alike.
        int seed = rand?.Next() ?? 0;
        _reader = input.GetRowCursor(kept.Concat(inputs).DistinctBy(column => column.Index), rand is null ? null : new Random(seed));
        try
        {
            _kept = new KeptRows(_reader, kept);
            _batch = _kept.BatchGetter();
            if (followed.Length > 0)
            {
                _follower = input.GetRowCursor(followed, rand is null ? null : new Random(seed));
                _readId = _kept.IdGetter(() => { });
                _followedId = _follower.GetIdGetter();
            }

            _results = model.Score(_reader, ReadNext).GetEnumerator();
        }
        catch
        {
            _follower?.Dispose();
            _reader.Dispose();
            throw;
        }
    }

    public override long Position => _position;

    public override long Batch
    {
        get
        {
            if (_position < 0)
            {
                return _disposed ? 0 : _reader.Batch;
            }

            long value = 0;
            _batch(ref value);
            return value;
        }
    }

    public override DataViewSchema Schema => _active.Layout.Output;

    public override bool MoveNext()
    {
        if (_disposed)
        {
            return false;
        }

        long position = _position;
        _position = -1;
        try
        {
            if (_results.MoveNext())
            {
                _kept.Deliver();
                Follow(row: true);
                _failures += _model.IsFailure(_results.Current) ? 1 : 0;
                _position = position + 1;
                return true;
            }

            Follow(row: false);
        }
        catch
        {
            Dispose();
            throw;
        }

        _model.Report(_failures);
        Dispose();
        return false;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => _kept.IdGetter(RequireRow);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        _active.Require(column);
        int added = _active.Layout.Added(column.Index);
        if (added >= 0)
        {
            return _active.As<TValue>(column, _model.Getter(added, Current));
        }

        DataViewSchema.Column input = _active.Layout.InputColumn(column.Index);
        return KeptColumn.CanKeep(input.Type)
            ? _active.As<TValue>(column, _kept.Getter(input.Index, RequireRow))
            : _follower!.GetGetter<TValue>(input);
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _position = -1;
        if (disposing)
        {
            try
            {
                // It ends the workers, who may still be reading.
                _results.Dispose();
            }
            finally
            {
                _follower?.Dispose();
                _reader.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private bool ReadNext()
    {
        if (!_reader.MoveNext())
        {
            return false;
        }

        _kept.Keep();
        return true;
    }

    // A value belongs to its row only if both readings are at the same row.
    private void Follow(bool row)
    {
        if (_follower is null)
        {
            return;
        }

        DataViewRowId read = default, followed = default;
        bool same = _follower.MoveNext() == row;
        if (same && row)
        {
            _readId!(ref read);
            _followedId!(ref followed);
            same = read.Equals(followed);
        }

        if (!same)
        {
            throw new InvalidOperationException(
                "The second of two readings of the input gave other rows than the first: where a column of images passes through, it must give the same rows in the same order "
                + "each time. Hand LoadFromEnumerable a list instead of a lazy query, or do not ask for the image column.");
        }
    }

    private TResult Current()
    {
        RequireRow();
        return _results.Current;
    }

    private void RequireRow()
    {
        if (_position < 0)
        {
            throw new InvalidOperationException(
                "Values cannot be fetched at this time: MoveNext has not been called yet, or has returned false, or the cursor was disposed.");
        }
    }
}
