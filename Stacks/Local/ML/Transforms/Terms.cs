using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>The values that a column's keys stand for, in the order of the keys.</summary>
internal abstract class Terms(PrimitiveDataViewType itemType)
{
    internal PrimitiveDataViewType ItemType => itemType;

    internal abstract int Count { get; }

    /// <summary>A key type needs one key at least, so an empty map has one that no value gets.</summary>
    internal KeyDataViewType KeyType => new(typeof(uint), Math.Max(1, Count));

    internal static Terms Of(PrimitiveDataViewType itemType, int limit)
        => itemType is TextDataViewType
            ? new Terms<ReadOnlyMemory<char>>(itemType, limit, new TextComparer(), text => text.IsEmpty)
            : Generic.Call<Terms>(() => Scalars<int>(null, 0), [itemType.RawType], itemType, limit);

    internal static Terms Load(ModelReader reader)
    {
        var terms = Of(reader.ReadItemType(), int.MaxValue);
        terms.LoadValues(reader);
        terms.Finish(ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence);
        return terms;
    }

    internal abstract void Save(ModelWriter writer);

    /// <summary>Takes in the row its cursor stands on; false when the map is full.</summary>
    internal abstract Func<bool> Reader(DataViewRow row, DataViewSchema.Column column);

    internal abstract void Finish(ValueToKeyMappingEstimator.KeyOrdinality ordinality);

    internal abstract Delegate KeyGetter(DataViewRow row, DataViewSchema.Column column);

    internal abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText);

    private protected abstract void LoadValues(ModelReader reader);

    private static Terms<T> Scalars<T>(PrimitiveDataViewType type, int limit)
        => new(type, limit, null, type is KeyDataViewType ? key => EqualityComparer<T>.Default.Equals(key, default) : value => value is float.NaN or double.NaN);

    /// <summary>Text by its characters, ordinal.</summary>
    private sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>, IComparer<ReadOnlyMemory<char>>
    {
        public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<char> obj) => string.GetHashCode(obj.Span);

        public int Compare(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceCompareTo(y.Span);
    }
}

/// <param name="itemType">Type of the values.</param>
/// <param name="limit">How many values to take at most.</param>
/// <param name="comparer">Equality and order of the values; null for their own.</param>
/// <param name="isMissing">Values that get no key.</param>
internal sealed class Terms<T>(PrimitiveDataViewType itemType, int limit, IEqualityComparer<T> comparer, Predicate<T> isMissing) : Terms(itemType)
{
    private readonly Dictionary<T, uint> _keys = new(comparer);
    private readonly List<T> _values = [];

    internal override int Count => _values.Count;

    internal override void Save(ModelWriter writer)
    {
        writer.Write(ItemType);
        writer.WriteItems(_values);
    }

    internal override Func<bool> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<T>> getVector = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return () =>
            {
                getVector(ref buffer);
                return buffer.DenseValues().All(Add);
            };
        }
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return Add(value);
        };
    }

    internal override void Finish(ValueToKeyMappingEstimator.KeyOrdinality ordinality)
    {
        if (ordinality == ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
        {
            _values.Sort(comparer as IComparer<T> ?? Comparer<T>.Default);
        }
        for (int i = 0; i < _values.Count; i++)
        {
            _keys[_values[i]] = (uint)i + 1;
        }
    }

    internal override Delegate KeyGetter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<T>> getVector = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> keys) =>
            {
                getVector(ref buffer);
                VBufferEditor<uint> editor = VBufferEditor.Create(ref keys, buffer.Length);
                foreach (KeyValuePair<int, T> item in buffer.Items(all: true))
                {
                    editor.Values[item.Key] = KeyOf(item.Value);
                }
                keys = editor.Commit();
            });
        }
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return (ValueGetter<uint>)((ref uint key) =>
        {
            getter(ref value);
            key = KeyOf(value);
        });
    }

    /// <summary>The values of the keys; for keys of keys, the values that the source's keys stand for.</summary>
    internal override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText)
    {
        if (Count == 0)
        {
            return;
        }
        if (ItemType is KeyDataViewType key && source.Annotations.Schema.GetColumnOrNull(Annotation.KeyValues)?.Type is VectorDataViewType sourceValues
            && (ulong)sourceValues.Size == key.Count)
        {
            Generic.Call<bool>(() => AddSourceValues<int>(null, default, null, null, false), [sourceValues.ItemType.RawType],
                annotations, source, sourceValues.ItemType, _values, asText);
            return;
        }
        T[] values = [.. _values];
        AddValues(annotations, ItemType, _ => values, Count, asText);
    }

    private protected override void LoadValues(ModelReader reader)
    {
        foreach (T value in reader.ReadItems<T>())
        {
            Add(value);
        }
    }

    private static bool AddSourceValues<TSource>(
        DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, PrimitiveDataViewType type, List<T> keys, bool asText)
        => AddValues(annotations, type, _ =>
        {
            VBuffer<TSource> all = default;
            source.GetKeyValues(ref all);
            return keys.ConvertAll(k => all.GetItemOrDefault(Convert.ToInt32(k, null) - 1)).ToArray();
        }, keys.Count, asText);

    private static bool AddValues<TValue>(
        DataViewSchema.Annotations.Builder annotations, PrimitiveDataViewType type, Func<int, TValue[]> values, int count, bool asText)
    {
        if (asText && type is not TextDataViewType)
        {
            annotations.AddKeyValues(count, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> destination)
                => VBuffer<ReadOnlyMemory<char>>.Copy(Array.ConvertAll(values(count), value => ValueText.Of(value).AsMemory()), 0, ref destination, count));
        }
        else
        {
            annotations.AddKeyValues(count, type, (ref VBuffer<TValue> destination) => VBuffer<TValue>.Copy(values(count), 0, ref destination, count));
        }
        return true;
    }

    private uint KeyOf(T value) => _keys.GetValueOrDefault(value);

    private bool Add(T value)
    {
        if (_values.Count >= limit)
        {
            return false;
        }
        if (!isMissing(value) && _keys.TryAdd(value, 0))
        {
            _values.Add(value);
        }
        return _values.Count < limit;
    }
}
