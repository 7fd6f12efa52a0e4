namespace Microsoft.ML.Data;

/// <summary>Small questions about column types that several parts ask.</summary>
internal static class TypeFacts
{
    private static readonly Dictionary<Type, PrimitiveDataViewType> Primitives = new()
    {
        [typeof(sbyte)] = NumberDataViewType.SByte,
        [typeof(byte)] = NumberDataViewType.Byte,
        [typeof(short)] = NumberDataViewType.Int16,
        [typeof(ushort)] = NumberDataViewType.UInt16,
        [typeof(int)] = NumberDataViewType.Int32,
        [typeof(uint)] = NumberDataViewType.UInt32,
        [typeof(long)] = NumberDataViewType.Int64,
        [typeof(ulong)] = NumberDataViewType.UInt64,
        [typeof(float)] = NumberDataViewType.Single,
        [typeof(double)] = NumberDataViewType.Double,
        [typeof(string)] = TextDataViewType.Instance,
        [typeof(ReadOnlyMemory<char>)] = TextDataViewType.Instance,
        [typeof(bool)] = BooleanDataViewType.Instance,
        [typeof(TimeSpan)] = TimeSpanDataViewType.Instance,
        [typeof(DateTime)] = DateTimeDataViewType.Instance,
        [typeof(DateTimeOffset)] = DateTimeOffsetDataViewType.Instance,
        [typeof(DataViewRowId)] = RowIdDataViewType.Instance,
    };

    internal static bool TryPrimitive(Type type, out PrimitiveDataViewType primitive) => Primitives.TryGetValue(type, out primitive);

    /// <summary>Item type of a vector, the type itself otherwise.</summary>
    internal static DataViewType ItemType(this DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    internal static int VectorSize(this DataViewType type) => (type as VectorDataViewType)?.Size ?? 0;

    /// <summary>Number of keys; 0 for what is no key (vectors of keys too).</summary>
    internal static ulong KeyCount(this DataViewType type) => (type as KeyDataViewType)?.Count ?? 0;

    internal static int KeyCountAsInt32(this DataViewType type)
    {
        ulong count = type.KeyCount();
        Errors.Check(count <= int.MaxValue, "KeyDataViewType.Count exceeds int.MaxValue.");
        return (int)count;
    }

    internal static bool IsStandardScalar(this DataViewType type)
        => type is NumberDataViewType or TextDataViewType or BooleanDataViewType or RowIdDataViewType
            or TimeSpanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType;
}
