namespace Microsoft.ML.Data;

/// <summary>One column's values, row by row; filled by one thread while others read the rows that are there already.</summary>
internal abstract class CachedColumn
{
    internal static CachedColumn Of(DataViewType type)
        => type is VectorDataViewType vector
            ? Generic.Call<CachedColumn>(() => Vectors<int>(), [vector.ItemType.RawType])
            : Generic.Call<CachedColumn>(() => Scalars<int>(), [type.RawType]);

    /// <summary>What stores the value of the row that <paramref name="source"/> stands on.</summary>
    internal abstract Action Store(DataViewRow source, DataViewSchema.Column column);

    /// <summary>A getter of the row that <paramref name="row"/> names.</summary>
    internal abstract Delegate Getter(Func<int> row);

    private static ScalarColumn<T> Scalars<T>() => new();

    private static VectorColumn<T> Vectors<T>() => new();

    private sealed class ScalarColumn<T> : CachedColumn
    {
        private readonly Rows<T> _rows = new();

        internal override Action Store(DataViewRow source, DataViewSchema.Column column)
        {
            ValueGetter<T> getter = source.GetGetter<T>(column);
            return () =>
            {
                T value = default;
                getter(ref value);
                _rows.Add(value is ReadOnlyMemory<char> text ? (T)(object)(ReadOnlyMemory<char>)text.ToArray() : value);
            };
        }

        internal override Delegate Getter(Func<int> row) => (ValueGetter<T>)((ref T value) => value = _rows[row()]);
    }

    private sealed class VectorColumn<T> : CachedColumn
    {
        private readonly Rows<VBuffer<T>> _rows = new();

        internal override Action Store(DataViewRow source, DataViewSchema.Column column)
        {
            ValueGetter<VBuffer<T>> getter = source.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return () =>
            {
                getter(ref buffer);
                VBuffer<T> copy = default;
                buffer.CopyTo(ref copy);
                _rows.Add(copy);
            };
        }

        internal override Delegate Getter(Func<int> row) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _rows[row()].CopyTo(ref value));
    }

    /// <summary>Blocks, so that growing moves no row that another thread may be reading.</summary>
    private sealed class Rows<T>
    {
        private const int BlockShift = 12;
        private const int BlockSize = 1 << BlockShift;

        private volatile T[][] _blocks = new T[4][];
        private int _count;

        internal T this[int row] => _blocks[row >> BlockShift][row & (BlockSize - 1)];

        internal void Add(T value)
        {
            int block = _count >> BlockShift;
            if (block == _blocks.Length)
            {
                T[][] more = _blocks;
                Array.Resize(ref more, 2 * block);
                _blocks = more;
            }
            (_blocks[block] ??= new T[BlockSize])[_count++ & (BlockSize - 1)] = value;
        }
    }
}
