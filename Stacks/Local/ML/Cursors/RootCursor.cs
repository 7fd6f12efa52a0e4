namespace Microsoft.ML.Data;

/// <summary>A cursor that counts its own rows. When rows end it disposes itself and its position is -1 again.</summary>
internal abstract class RootCursor : DataViewRowCursor
{
    private long _position = -1;
    private bool _disposed;

    public sealed override long Position => _position;

    public sealed override bool MoveNext()
    {
        if (_disposed)
        {
            return false;
        }
        if (Advance())
        {
            _position++;
            return true;
        }
        Dispose();
        return false;
    }

    protected abstract bool Advance();

    protected virtual void Release()
    {
    }

    protected sealed override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            _position = -1;
            if (disposing)
            {
                Release();
            }
        }
        base.Dispose(disposing);
    }
}

/// <summary>A cursor that passes on some rows of another one, and its columns as they are.</summary>
internal abstract class SelectingCursor : RootCursor
{
    private readonly bool[] _active;

    protected SelectingCursor(DataViewRowCursor input, DataViewSchema schema, bool[] active)
    {
        Input = input;
        Schema = schema;
        _active = active;
    }

    public sealed override DataViewSchema Schema { get; }

    public override long Batch => Input.Batch;

    protected DataViewRowCursor Input { get; }

    public sealed override bool IsColumnActive(DataViewSchema.Column column)
    {
        Errors.Check(column.Index < _active.Length, $"The column {column} is not part of this cursor's schema");
        return _active[column.Index];
    }

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Errors.Check(IsColumnActive(column), $"The column {column.Name} was not asked for when this cursor was made");
        return Input.GetGetter<TValue>(Input.Schema[column.Index]);
    }

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Release() => Input.Dispose();
}
