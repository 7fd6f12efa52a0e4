using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>Columns without rows: what ML.NET's own estimators that learn nothing are fitted on.</summary>
internal sealed class EmptyView : IDataView
{
    public EmptyView(params IEnumerable<(string Name, DataViewType Type)> columns)
    {
        DataViewSchema.Builder builder = new();
        foreach ((string name, DataViewType type) in columns)
        {
            builder.AddColumn(name, type);
        }

        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => 0;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => throw NoRows();

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => throw NoRows();

    private static InvalidOperationException NoRows() => new("This view has columns only; nobody reads its rows.");
}
