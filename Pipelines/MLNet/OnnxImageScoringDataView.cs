using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>The lazy result of <see cref="OnnxImageScoringTransformer.Transform"/>.</summary>
internal sealed class OnnxImageScoringDataView(IDataView input, ScoringSchema schema, OnnxImageScorer scorer, IHost? host) : IDataView
{
    /// <summary>False: batches are filled in the order of the input.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema.Output;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new OnnxImageScoringCursor(input, schema, schema.Active(columnsNeeded), scorer, host);

    /// <summary>One cursor, whatever <paramref name="n"/> is: it has its own worker threads already, and ONNX Runtime has others.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded)];
}
