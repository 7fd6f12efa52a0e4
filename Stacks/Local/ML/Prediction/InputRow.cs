namespace Microsoft.ML.Data;

/// <summary>A row whose columns are the members of an object that is replaced from one prediction to the next; its position counts them.</summary>
internal sealed class InputRow<TSrc> : DataViewRow
    where TSrc : class
{
    private readonly Delegate[] _getters;
    private TSrc _current;
    private long _position = -1;

    internal InputRow(SchemaDefinition definition)
    {
        BoundColumn[] columns = BoundColumn.Bind(typeof(TSrc), definition, SchemaDefinition.Direction.Read);
        Schema = BoundColumn.SchemaOf(columns);
        _getters = Array.ConvertAll(columns, column => MemberGetter<TSrc>.Compile(column)(Current));
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        Errors.Check(column.Index < _getters.Length, $"The column {column} is not part of this row's schema");
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        IsColumnActive(column);
        return Activity.Typed<TValue>(_getters[column.Index]);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter()
        => (ref DataViewRowId value) =>
        {
            Errors.Check(_position >= 0, Errors.NoCurrentRow);
            value = new DataViewRowId((ulong)_position, 0);
        };

    internal void Take(TSrc example)
    {
        _current = example;
        _position++;
    }

    private TSrc Current()
    {
        Errors.Check(_position >= 0, Errors.NoCurrentRow);
        return _current;
    }
}
