using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>
/// The promise of columns that an estimator makes. ML.NET keeps the constructor of <see cref="SchemaShape.Column"/> to itself, so each
/// column is the one that a <c>CustomMapping</c> with the same output would promise; it is never run.
/// </summary>
internal static class PromisedColumns
{
    // A promise says that a vector's size or a key's count is known, not what it is: any that ML.NET takes will do.
    private const int AnyCount = 2;

    private static readonly VectorDataViewType AnyNames = new(TextDataViewType.Instance, AnyCount);

    public static SchemaShape Extend(TransformsCatalog catalog, SchemaShape input, IEnumerable<AddedColumn> added)
        => added.Aggregate(input, (shape, column) => Borrow(catalog, shape, column));

    private static SchemaShape Borrow(TransformsCatalog catalog, SchemaShape shape, AddedColumn column)
    {
        bool isVector = column.Type is VectorDataViewType;
        Type item = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
        return item == typeof(float) ? Borrow<float>(catalog, shape, column, isVector)
            : item == typeof(double) ? Borrow<double>(catalog, shape, column, isVector)
            : item == typeof(sbyte) ? Borrow<sbyte>(catalog, shape, column, isVector)
            : item == typeof(byte) ? Borrow<byte>(catalog, shape, column, isVector)
            : item == typeof(short) ? Borrow<short>(catalog, shape, column, isVector)
            : item == typeof(ushort) ? Borrow<ushort>(catalog, shape, column, isVector)
            : item == typeof(int) ? Borrow<int>(catalog, shape, column, isVector)
            : item == typeof(uint) ? Borrow<uint>(catalog, shape, column, isVector)
            : item == typeof(long) ? Borrow<long>(catalog, shape, column, isVector)
            : item == typeof(ulong) ? Borrow<ulong>(catalog, shape, column, isVector)
            : item == typeof(bool) ? Borrow<bool>(catalog, shape, column, isVector)
            : Borrow<ReadOnlyMemory<char>>(catalog, shape, column, isVector);
    }

    private static SchemaShape Borrow<T>(TransformsCatalog catalog, SchemaShape shape, AddedColumn column, bool isVector)
        => isVector ? Borrow<T, Vector<T>>(catalog, shape, column) : Borrow<T, Scalar<T>>(catalog, shape, column);

    private static SchemaShape Borrow<T, TRow>(TransformsCatalog catalog, SchemaShape shape, AddedColumn column)
        where TRow : class, new()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        SchemaDefinition.Column promised = definition[0];
        promised.ColumnName = column.Name;
        promised.ColumnType = Any(column.Type);
        if (column.Names is not null)
        {
            promised.AddAnnotation(column.NamesKind, (string[])[.. Enumerable.Repeat(string.Empty, AnyCount)], AnyNames);
        }

        return catalog.CustomMapping<NoInputs, TRow>((_, _) => { }, contractName: null!, outputSchemaDefinition: definition).GetOutputSchema(shape);
    }

    private static DataViewType Any(DataViewType type) => type switch
    {
        KeyDataViewType key => new KeyDataViewType(key.RawType, AnyCount),
        VectorDataViewType { Size: > 0 } vector => new VectorDataViewType(vector.ItemType, AnyCount),
        VectorDataViewType vector => new VectorDataViewType(vector.ItemType),
        _ => type,
    };

    private sealed class NoInputs;

    private sealed class Scalar<T>
    {
        public T Value { get; set; } = default!;
    }

    private sealed class Vector<T>
    {
        public T[] Value { get; set; } = [];
    }
}
