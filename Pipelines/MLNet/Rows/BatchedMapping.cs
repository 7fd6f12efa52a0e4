using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>A model over any input schema, whatever its results are.</summary>
internal interface IBatchedMapping : IDisposable
{
    DataViewSchema OutputSchema(DataViewSchema inputSchema);

    IDataView Transform(IDataView input);

    IRowToRowMapper RowMapper(DataViewSchema inputSchema);
}

/// <inheritdoc cref="IBatchedMapping"/>
internal sealed class BatchedMapping<TResult>(BatchedModel<TResult> model) : IBatchedMapping
    where TResult : class
{
    public DataViewSchema OutputSchema(DataViewSchema inputSchema)
    {
        model.FindInputs(inputSchema, nameof(inputSchema));
        return new ColumnLayout(inputSchema, model.Columns).Output;
    }

    public IDataView Transform(IDataView input)
    {
        model.ThrowIfDisposed();
        return new BatchedView<TResult>(input, model, new ColumnLayout(input.Schema, model.Columns), model.FindInputs(input.Schema, nameof(input)));
    }

    public IRowToRowMapper RowMapper(DataViewSchema inputSchema)
    {
        model.ThrowIfDisposed();
        return new RowMapper<TResult>(model, new ColumnLayout(inputSchema, model.Columns), model.FindInputs(inputSchema, nameof(inputSchema)));
    }

    public void Dispose() => model.Dispose();
}
