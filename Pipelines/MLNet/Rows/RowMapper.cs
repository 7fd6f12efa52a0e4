using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>Row by row, for <c>PredictionEngine</c>: a row is scored alone, when the first added value of its position is fetched.</summary>
internal sealed class RowMapper<TResult>(BatchedModel<TResult> model, ColumnLayout layout, IReadOnlyList<DataViewSchema.Column> inputs) : IRowToRowMapper
    where TResult : class
{
    public DataViewSchema InputSchema => layout.Input;

    public DataViewSchema OutputSchema => layout.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        ActiveColumns active = layout.Activate(dependingColumns);
        return active.Scores ? active.Passed.Concat(inputs).DistinctBy(column => column.Index) : active.Passed;
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        model.ThrowIfDisposed();
        ActiveColumns active = layout.Activate(activeColumns);

        // ML.NET compares schemas by reference: a row of a mere look-alike is a mistake of the caller's.
        return ReferenceEquals(input.Schema, layout.Input)
            ? new MappedRow(model, active, input)
            : throw new ArgumentException("The row has another schema than the one that this mapper was made for.", nameof(input));
    }

    private sealed class MappedRow(BatchedModel<TResult> model, ActiveColumns active, DataViewRow input) : DataViewRow
    {
        private readonly Func<TResult>? _score = active.Scores ? model.ScoreOne(input) : null;
        private TResult? _result;
        private long _scored = -1;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => active.Layout.Output;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            active.Require(column);
            int added = active.Layout.Added(column.Index);
            return added >= 0
                ? active.As<TValue>(column, model.Getter(added, Current))
                : input.GetGetter<TValue>(active.Layout.InputColumn(column.Index));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Dispose();
            }

            base.Dispose(disposing);
        }

        private TResult Current()
        {
            if (_result is null || _scored != input.Position)
            {
                _result = _score!();
                _scored = input.Position;
            }

            return _result;
        }
    }
}
