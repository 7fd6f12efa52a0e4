using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Data in, data out, and which rows.</summary>
public sealed partial class DataOperationsCatalog : IInternalCatalog
{
    private readonly IHostEnvironment _environment;

    internal DataOperationsCatalog(IHostEnvironment environment) => _environment = environment;

    IHostEnvironment IInternalCatalog.Environment => _environment;

    /// <summary>A lazy view of objects: each cursor enumerates <paramref name="data"/> anew.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        Errors.NotNull(data, nameof(data));
        return new EnumerableView<TRow>(data, BoundColumn.Bind(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Read));
    }

    /// <summary>As the other overload, with the types and annotations of an existing schema.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        Errors.NotNull(data, nameof(data));
        return LoadFromEnumerable(data, SchemaDefinition.For(typeof(TRow), schema));
    }

    /// <summary>The rows as objects, one by one as they are asked for. Columns are matched and their types checked at once.</summary>
    public IEnumerable<TRow> CreateEnumerable<TRow>(
        IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        Errors.NotNull(data, nameof(data));
        return Rows(data, new TypedReader<TRow>(data.Schema, ignoreMissingColumns, schemaDefinition), reuseRowObject);
    }

    /// <summary>
    /// A view that keeps what was read: each column is read once, when it is first asked for (those of <paramref name="columnsToPrefetch"/> at once),
    /// and served from memory to any number of cursors.
    /// </summary>
    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        Errors.NotNull(input, nameof(input));
        return new CacheView(input, columnsToPrefetch ?? []);
    }

    private static IEnumerable<TRow> Rows<TRow>(IDataView data, TypedReader<TRow> reader, bool reuse)
        where TRow : class, new()
    {
        using DataViewRowCursor cursor = data.GetRowCursor(reader.Columns);
        Action<TRow> fill = reader.Bind(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            row = reuse && row is not null ? row : new TRow();
            fill(row);
            yield return row;
        }
    }
}
