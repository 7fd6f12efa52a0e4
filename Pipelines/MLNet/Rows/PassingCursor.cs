using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>The input's own cursor under the output's schema: nothing that is added was asked for.</summary>
internal sealed class PassingCursor(DataViewRowCursor input, ActiveColumns active) : DataViewRowCursor
{
    private bool _disposed;

    public override long Position => _disposed ? -1 : input.Position;

    public override long Batch => input.Batch;

    public override DataViewSchema Schema => active.Layout.Output;

    public override bool MoveNext()
    {
        if (!_disposed && input.MoveNext())
        {
            return true;
        }

        Dispose();
        return false;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.Require(column);
        return input.GetGetter<TValue>(active.Layout.InputColumn(column.Index));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
