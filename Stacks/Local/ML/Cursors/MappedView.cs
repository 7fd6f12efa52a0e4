namespace Microsoft.ML.Data;

/// <summary>A data view with a mapping's columns added, computed row by row when asked for.</summary>
internal sealed class MappedView(IDataView source, RowMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Activity.Of(columnsNeeded, Schema);
        DataViewRowCursor input = source.GetRowCursor(mapper.GetDependencies(Schema.Where(c => active[c.Index])), source.CanShuffle ? rand : null);
        return mapper.GetCursor(input, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Activity.Of(columnsNeeded, Schema);
        DataViewRowCursor[] inputs = source.GetRowCursorSet(mapper.GetDependencies(Schema.Where(c => active[c.Index])), n, source.CanShuffle ? rand : null);
        return Array.ConvertAll(inputs, input => mapper.GetCursor(input, active));
    }
}
