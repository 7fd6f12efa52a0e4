namespace Microsoft.ML.Data;

/// <summary>A column of a data view as an ordinary sequence.</summary>
public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) => GetColumn<T>(data, data.Schema[columnName]);

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Errors.NotNull(data, nameof(data));
        Errors.NotEmpty(column.Name, nameof(column));
        DataViewSchema.Column own = data.Schema[column.Index];
        if (own.Name != column.Name || !ReferenceEquals(own.Type, column.Type))
        {
            throw Errors.Argument(nameof(column),
                $"column with name {column.Name}, type {column.Type}, and index {column.Index} cannot be found in {nameof(data)}");
        }
        if (column.Type.RawType == typeof(T))
        {
            return Walk<T, T>(data, own, value => value);
        }
        if (typeof(T) == typeof(string) && column.Type is TextDataViewType)
        {
            return (IEnumerable<T>)Walk<ReadOnlyMemory<char>, string>(data, own, text => text.ToString());
        }
        if (typeof(T).IsArray)
        {
            if (column.Type is not VectorDataViewType vector)
            {
                throw Errors.Argument(nameof(column),
                    $"Cannot load vector type, {column.Type}, specified in {nameof(column)} to the user-defined type, {typeof(T)}.");
            }
            if (typeof(T) == typeof(string[]) && vector.ItemType is TextDataViewType)
            {
                return (IEnumerable<T>)Walk<VBuffer<ReadOnlyMemory<char>>, string[]>(
                    data, own, texts => [.. texts.DenseValues().Select(text => text.ToString())]);
            }
            if (typeof(T).GetElementType() == vector.ItemType.RawType)
            {
                return (IEnumerable<T>)Generic.Call<object>(() => Arrays<int>(null, default), [vector.ItemType.RawType], data, own);
            }
        }
        throw Errors.Argument(nameof(column),
            $"Cannot map column (name: {column.Name}, type: {column.Type}) in {nameof(data)} to the user-defined type, {typeof(T)}.");
    }

    private static IEnumerable<TItem[]> Arrays<TItem>(IDataView data, DataViewSchema.Column column)
        => Walk<VBuffer<TItem>, TItem[]>(data, column, buffer =>
        {
            var items = new TItem[buffer.Length];
            buffer.CopyTo(items);
            return items;
        });

    private static IEnumerable<TOut> Walk<TIn, TOut>(IDataView data, DataViewSchema.Column column, Func<TIn, TOut> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<TIn> getter = cursor.GetGetter<TIn>(column);
        TIn value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return convert(value);
        }
    }
}
