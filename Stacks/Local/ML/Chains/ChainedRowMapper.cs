namespace Microsoft.ML.Data;

/// <summary>Row mappers one after the other, each bound to the output schema of the one before.</summary>
internal sealed class ChainedRowMapper(DataViewSchema inputSchema, IReadOnlyList<IRowToRowMapper> mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema => mappers.Count > 0 ? mappers[^1].OutputSchema : inputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => mappers.Reverse().Aggregate(dependingColumns, (columns, mapper) => mapper.GetDependencies(columns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Errors.NotNull(input, nameof(input));
        Errors.NotNull(activeColumns, nameof(activeColumns));
        Errors.Require(ReferenceEquals(input.Schema, inputSchema), nameof(input), "Schema did not match original schema");

        // From the end: what each mapper is asked for is what the next one needs.
        var asked = new Stack<IEnumerable<DataViewSchema.Column>>();
        bool[] active = Activity.Of(activeColumns, OutputSchema);
        IEnumerable<DataViewSchema.Column> columns = OutputSchema.Where(column => active[column.Index]);
        foreach (IRowToRowMapper mapper in mappers.Reverse())
        {
            asked.Push(columns);
            columns = mapper.GetDependencies(columns);
        }
        foreach (DataViewSchema.Column column in columns)
        {
            Errors.Require(input.IsColumnActive(column), nameof(input), $"Mapper required column '{column.Name}' active but it was not.");
        }
        return mappers.Aggregate(input, (row, mapper) => mapper.GetRow(row, asked.Pop()));
    }
}
