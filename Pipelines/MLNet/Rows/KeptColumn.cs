using Microsoft.ML.Data;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>A column's values between the row that is read and the row that is delivered.</summary>
internal abstract class KeptColumn
{
    private static readonly HashSet<Type> Values =
    [
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double),
        typeof(ReadOnlyMemory<char>), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DataViewRowId),
    ];

    /// <summary>Whether values of a type may be kept beyond their row: ML.NET's own primitives and vectors of them, as its cache keeps them. An image, or a type of somebody's own, may not.</summary>
    public static bool CanKeep(DataViewType type) => type is PrimitiveDataViewType
        ? Values.Contains(type.RawType)
        : type is VectorDataViewType vector && Values.Contains(vector.ItemType.RawType);

    /// <summary>Keeps a column of the reading row.</summary>
    public static KeptColumn Create(DataViewRow row, DataViewSchema.Column column)
    {
        bool isVector = column.Type is VectorDataViewType;
        Type item = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
        Type kept = (isVector ? typeof(KeptVector<>) : typeof(KeptValue<>)).MakeGenericType(item);
        return (KeptColumn)Activator.CreateInstance(kept, row, column)!;
    }

    /// <summary>Stores the reading row's value.</summary>
    public abstract void Store(int slot);

    /// <summary>Makes room; the rows that are there stay, counted on from <paramref name="first"/>.</summary>
    public abstract void Grow(long first, long end, int capacity);

    /// <summary>The getter over the slot of the delivered row.</summary>
    public abstract Delegate Getter(Func<int, int> slot);

    protected static T[] Moved<T>(T[] ring, long first, long end, int capacity)
    {
        var grown = new T[capacity];
        for (long row = first; row < end; row++)
        {
            grown[row % capacity] = ring[row % ring.Length];
        }

        return grown;
    }
}

/// <summary>Values that are copied by assignment.</summary>
internal sealed class KeptValue<T> : KeptColumn
{
    private readonly ValueGetter<T> _source;
    private T[] _ring = [];

    public KeptValue(DataViewRow row, DataViewSchema.Column column)
        : this(row.GetGetter<T>(column))
    {
    }

    public KeptValue(ValueGetter<T> source) => _source = source;

    public override void Store(int slot) => _source(ref _ring[slot]);

    public override void Grow(long first, long end, int capacity) => _ring = Moved(_ring, first, end, capacity);

    public override Delegate Getter(Func<int, int> slot) => (ValueGetter<T>)((ref T value) =>
    {
        // The reader may put a larger ring in place meanwhile; the row that is delivered stands in both.
        T[] ring = _ring;
        value = ring[slot(ring.Length)];
    });
}

/// <summary>Vectors: each slot's memory is used again.</summary>
internal sealed class KeptVector<T>(DataViewRow row, DataViewSchema.Column column) : KeptColumn
{
    private readonly ValueGetter<VBuffer<T>> _source = row.GetGetter<VBuffer<T>>(column);
    private VBuffer<T>[] _ring = [];

    public override void Store(int slot) => _source(ref _ring[slot]);

    public override void Grow(long first, long end, int capacity) => _ring = Moved(_ring, first, end, capacity);

    public override Delegate Getter(Func<int, int> slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        VBuffer<T>[] ring = _ring;
        ring[slot(ring.Length)].CopyTo(ref value);
    });
}
