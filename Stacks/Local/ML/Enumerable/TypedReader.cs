namespace Microsoft.ML.Data;

/// <summary>Binds the members of a user's class to the columns of a schema, to fill objects of that class from rows.</summary>
internal sealed class TypedReader<TRow>
    where TRow : class
{
    private readonly (DataViewSchema.Column Source, Lazy<Func<DataViewRow, DataViewSchema.Column, Action<TRow>>> Setter)[] _columns;

    internal TypedReader(DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        var columns = new List<(DataViewSchema.Column, Lazy<Func<DataViewRow, DataViewSchema.Column, Action<TRow>>>)>();
        foreach (BoundColumn column in BoundColumn.Bind(typeof(TRow), definition, SchemaDefinition.Direction.Write))
        {
            if (schema.GetColumnOrNull(column.Name) is not { } source)
            {
                if (ignoreMissingColumns)
                {
                    continue;
                }
                throw Errors.NoColumn("Schema", string.Empty, column.Name);
            }
            if (!MemberShape.Of(column.Member).Fits(source.Type))
            {
                throw Errors.Invalid(
                    $"Can't bind the IDataView column '{column.Name}' of type '{source.Type}' to field or property '{column.Member.Name}' of type '{MemberShape.ValueType(column.Member).FullName}'.");
            }
            columns.Add((source, new(() => MemberSetter<TRow>.Compile(column))));
        }
        _columns = [.. columns];
    }

    /// <summary>The columns that filling an object needs.</summary>
    internal IEnumerable<DataViewSchema.Column> Columns => _columns.Select(column => column.Source);

    /// <summary>Fills an object from the row that <paramref name="input"/> stands on.</summary>
    internal Action<TRow> Bind(DataViewRow input)
    {
        Action<TRow>[] setters = [.. _columns.Select(column => column.Setter.Value(input, column.Source))];
        return row =>
        {
            foreach (Action<TRow> setter in setters)
            {
                setter(row);
            }
        };
    }
}
