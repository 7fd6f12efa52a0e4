using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>
/// A vector as getters deliver it: dense (all values) or sparse (values with ascending indices). The arrays are the caller's to reuse:
/// getters write into the arrays of the buffer they are given, so a buffer must be copied to outlive the next row.
/// </summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
        : this(length, length, values, indices)
    {
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Errors.Require(length >= 0, nameof(length));
        Errors.Require(count >= 0 && count <= length, nameof(count));
        Errors.Require((values?.Length ?? 0) >= count, nameof(values));
        Errors.Require(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    /// <summary>The explicit values: all of a dense buffer, those at <see cref="GetIndices"/> of a sparse one.</summary>
    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    /// <summary>Ascending indices of the explicit values; empty for a dense buffer.</summary>
    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        int available = source?.Length ?? 0;
        Errors.Require(length >= 0 && length <= available, nameof(length));
        Errors.Require(sourceIndex >= 0 && sourceIndex <= available - length, nameof(sourceIndex));
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Errors.Require(sourceIndex >= 0 && sourceIndex <= Length, nameof(sourceIndex));
        Errors.Require(length >= 0 && length <= Length - sourceIndex, nameof(length));
        int from = FirstAtOrAfter(sourceIndex);
        int count = FirstAtOrAfter(sourceIndex + length) - from;
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(from, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
        {
            editor.Indices[i] = _indices[from + i] - sourceIndex;
        }
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Errors.Require(destinationIndex >= 0 && destinationIndex <= destination.Length - Length, nameof(destination), "Not large enough to hold these values.");
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        target.Fill(defaultValue);
        for (int i = 0; i < _count; i++)
        {
            target[_indices[i]] = _values[i];
        }
    }

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public IEnumerable<T> DenseValues()
    {
        foreach (KeyValuePair<int, T> item in Items(all: true))
        {
            yield return item.Value;
        }
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        int next = 0;
        for (int i = 0; i < _count; i++)
        {
            int slot = IsDense ? i : _indices[i];
            for (; all && next < slot; next++)
            {
                yield return new KeyValuePair<int, T>(next, default);
            }
            yield return new KeyValuePair<int, T>(slot, _values[i]);
            next = slot + 1;
        }
        for (; all && next < Length; next++)
        {
            yield return new KeyValuePair<int, T>(next, default);
        }
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public T GetItemOrDefault(int index)
    {
        Errors.Require(index >= 0 && index < Length, nameof(index));
        int position = FirstAtOrAfter(index);
        return position < _count && (IsDense || _indices[position] == index) ? _values[position] : default;
    }

    public IEnumerator GetEnumerator()
    {
        for (int i = 0; i < _count; i++)
        {
            yield return _values[i];
        }
    }

    public override string ToString()
        => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> Edit(int length, int? valuesCount, int? maxCapacity, bool keepOld, bool indicesOnDense)
    {
        Errors.Require(length >= 0, nameof(length), "Must be non-negative.");
        Errors.Require(valuesCount is null or >= 0, nameof(valuesCount), "If specified, must be non-negative.");
        Errors.Require(valuesCount is null || valuesCount <= length, nameof(valuesCount), "If specified, must be no greater than newLogicalLength");
        int count = valuesCount ?? length;
        T[] values = Room(_values, count, maxCapacity, keepOld);
        int[] indices = count == length && !indicesOnDense ? _indices : Room(_indices, count, maxCapacity, keepOld);
        return new VBufferEditor<T>(length, count, values, indices, indicesOnDense, !ReferenceEquals(values, _values), !ReferenceEquals(indices, _indices));
    }

    internal VBufferEditor<T> EditInPlace() => Edit(Length, _count, null, keepOld: false, indicesOnDense: false);

    /// <summary>The array itself where it is large enough: this is what makes rows free of allocation.</summary>
    private static TItem[] Room<TItem>(TItem[] array, int needed, int? maxCapacity, bool keepOld)
    {
        int present = array?.Length ?? 0;
        if (present >= needed)
        {
            return array;
        }
        Errors.Require(needed <= (maxCapacity ?? Array.MaxLength), nameof(maxCapacity), $"{needed} values do not fit a capacity of {maxCapacity}.");
        long grown = Math.Min(2L * present, maxCapacity ?? Array.MaxLength);
        var room = new TItem[Math.Max(needed, grown)];
        if (keepOld)
        {
            array?.CopyTo(room, 0);
        }
        return room;
    }

    private int FirstAtOrAfter(int slot)
    {
        if (IsDense)
        {
            return slot;
        }
        int position = Array.BinarySearch(_indices ?? [], 0, _count, slot);
        return position < 0 ? ~position : position;
    }
}
