using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>A chain, whatever its last transformer is.</summary>
internal interface IScopedTransformer : ITransformer
{
    IDataView Transform(IDataView input, TransformerScope scope);
}

/// <summary>Transformers applied one after the other. Without a scope, those that score take part.</summary>
public sealed class TransformerChain<TLastTransformer> : IScopedTransformer, IEnumerable<ITransformer>, IDisposable
    where TLastTransformer : class, ITransformer
{
    private readonly ITransformer[] _transformers;
    private readonly TransformerScope[] _scopes;
    private bool _disposed;

    public readonly TLastTransformer LastTransformer;

    public TransformerChain(IEnumerable<ITransformer> transformers, IEnumerable<TransformerScope> scopes)
    {
        _transformers = transformers?.ToArray() ?? [];
        _scopes = scopes?.ToArray() ?? [];
        LastTransformer = _transformers.LastOrDefault() as TLastTransformer;
        Errors.Check((_transformers.Length > 0) == (LastTransformer is not null), $"The last transformer is no {typeof(TLastTransformer).Name}.");
        Errors.Check(_transformers.Length == _scopes.Length, $"{_transformers.Length} transformers need as many scopes, but {_scopes.Length} were given.");
    }

    public TransformerChain(params ITransformer[] transformers)
        : this(transformers, transformers?.Select(_ => TransformerScope.Everything))
    {
    }

    bool ITransformer.IsRowToRowMapper => _transformers.All(transformer => transformer.IsRowToRowMapper);

    public TransformerChain<TNewLast> Append<TNewLast>(TNewLast transformer, TransformerScope scope = TransformerScope.Everything)
        where TNewLast : class, ITransformer
    {
        Errors.NotNull(transformer, nameof(transformer));
        return new TransformerChain<TNewLast>([.. _transformers, transformer], [.. _scopes, scope]);
    }

    public TransformerChain<ITransformer> GetModelFor(TransformerScope scopeFilter)
    {
        int[] chosen = [.. Enumerable.Range(0, _transformers.Length).Where(i => (_scopes[i] & scopeFilter) != TransformerScope.None)];
        return new TransformerChain<ITransformer>(chosen.Select(i => _transformers[i]), chosen.Select(i => _scopes[i]));
    }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => GetOutputSchema(inputSchema, TransformerScope.Scoring);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema, TransformerScope scope)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        return GetModelFor(scope).Aggregate(inputSchema, (schema, transformer) => transformer.GetOutputSchema(schema));
    }

    public IDataView Transform(IDataView input) => Transform(input, TransformerScope.Scoring);

    public IDataView Transform(IDataView input, TransformerScope scope)
    {
        Errors.NotNull(input, nameof(input));

        // Complain about the schema before any transformer starts.
        GetOutputSchema(input.Schema, scope);
        return GetModelFor(scope).Aggregate(input, (data, transformer) => transformer.Transform(data));
    }

    public IEnumerator<ITransformer> GetEnumerator() => ((IEnumerable<ITransformer>)_transformers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        foreach (IDisposable transformer in _transformers.OfType<IDisposable>())
        {
            transformer.Dispose();
        }
    }

    internal static TransformerChain<ITransformer> Load(ModelReader reader)
    {
        var scopes = new List<TransformerScope>();
        ITransformer[] transformers = reader.List(() =>
        {
            var scope = (TransformerScope)reader.Byte();
            scopes.Add((scope & ~TransformerScope.Everything) == 0 ? scope : throw ModelReader.Damaged($"{scope} is no scope"));
            return reader.Component();
        });
        return new TransformerChain<ITransformer>(transformers, scopes);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Errors.NotNull(ctx, nameof(ctx));
        ctx.Component(SavedComponents.Chain, writer => writer.List(_transformers.Zip(_scopes).ToArray(), item =>
        {
            writer.Byte((byte)item.Second);
            writer.Component(item.First);
        }));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        Errors.Check(((ITransformer)this).IsRowToRowMapper, "GetRowToRowMapper method called despite IsRowToRowMapper being false.");
        var mappers = new List<IRowToRowMapper>();
        DataViewSchema schema = inputSchema;
        foreach (ITransformer transformer in _transformers)
        {
            mappers.Add(transformer.GetRowToRowMapper(schema));
            schema = mappers[^1].OutputSchema;
        }
        return new ChainedRowMapper(inputSchema, mappers);
    }
}
