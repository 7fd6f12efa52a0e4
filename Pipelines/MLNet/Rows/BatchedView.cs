using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>The lazy result of a batched transformer.</summary>
internal sealed class BatchedView<TResult>(IDataView input, BatchedModel<TResult> model, ColumnLayout layout, IReadOnlyList<DataViewSchema.Column> inputs) : IDataView
    where TResult : class
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => layout.Output;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ActiveColumns active = layout.Activate(columnsNeeded);
        return active.Scores
            ? new BatchedCursor<TResult>(input, model, inputs, active, rand)
            : new PassingCursor(input.GetRowCursor(active.Passed, rand), active);
    }

    /// <summary>One cursor where something is scored, whatever <paramref name="n"/> is: it has its own worker threads already, and ONNX Runtime has others.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        ActiveColumns active = layout.Activate(columnsNeeded);
        return active.Scores
            ? [new BatchedCursor<TResult>(input, model, inputs, active, rand)]
            : [.. input.GetRowCursorSet(active.Passed, n, rand).Select(cursor => new PassingCursor(cursor, active))];
    }
}
