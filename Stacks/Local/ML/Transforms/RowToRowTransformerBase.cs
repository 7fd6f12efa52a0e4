namespace Microsoft.ML.Data;

/// <summary>Transformers that add columns computed from the same row.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected RowToRowTransformerBase()
    {
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        return new RowMapper(Map(inputSchema)).OutputSchema;
    }

    public IDataView Transform(IDataView input)
    {
        Errors.NotNull(input, nameof(input));
        return new MappedView(input, new RowMapper(Map(input.Schema)));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Errors.NotNull(ctx, nameof(ctx));
        SaveModel(ctx);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        return new RowMapper(Map(inputSchema));
    }

    private protected abstract RowMapping Map(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}
