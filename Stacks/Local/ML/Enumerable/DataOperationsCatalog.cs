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
        Errors.NotNull(schema, nameof(schema));
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaDefinition.Column member = definition[column.Name] ?? throw Errors.Invalid($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.CopyAnnotations(column.Annotations);
        }
        return LoadFromEnumerable(data, definition);
    }

    /// <summary>The rows as objects, one by one as they are asked for. Columns are matched and their types checked at once.</summary>
    public IEnumerable<TRow> CreateEnumerable<TRow>(
        IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        Errors.NotNull(data, nameof(data));
        return Rows(data, new TypedReader<TRow>(data.Schema, ignoreMissingColumns, schemaDefinition), reuseRowObject);
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
