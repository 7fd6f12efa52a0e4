using System;
using System.Collections;
using System.Collections.Generic;

namespace TorchSharp.Utils;

/// <summary>A tensor's elements, row by row, in the memory where they are. The tensor must outlive it.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private torch.Tensor _tensor;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU) {
            throw new InvalidOperationException("The tensor is not in the CPU's memory: take its cpu() first.");
        }
        _tensor = tensor;
        _data = (T*)tensor.Pointer;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
    }

    public long Count => _tensor?.numel() ?? 0;

    public bool IsReadOnly => false;

    public T this[params long[] indices] {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var result = new T[Count];
        if (result.Length != 0) CopyTo(result);
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = Math.Min(array.Length - arrayIndex, Count - CheckStart(tensorIndex));
        if (_contiguous) {
            new Span<T>(_data + tensorIndex, (int)count).CopyTo(array[arrayIndex..]);
            return;
        }
        for (var i = 0; i < count; i++) array[arrayIndex + i] = _data[Offset(tensorIndex + i)];
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = Math.Min(array.Length - arrayIndex, Count - CheckStart(tensorIndex));
        if (_contiguous) {
            array.Slice(arrayIndex, (int)count).CopyTo(new Span<T>(_data + tensorIndex, (int)count));
            return;
        }
        for (var i = 0; i < count; i++) _data[Offset(tensorIndex + i)] = array[arrayIndex + i];
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0, count = Count; i < count; i++) yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _tensor = null;

    private T At(long index) => _data[Offset(index)];

    private long CheckStart(long index) => index >= 0 && index < Count
        ? index : throw new ArgumentOutOfRangeException(nameof(index), index, $"The tensor has {Count} elements.");

    private long Offset(long[] indices)
    {
        if (indices.Length == 1) {
            if (indices[0] < 0) throw new ArgumentOutOfRangeException(nameof(indices), indices[0], "An index is not negative.");
            if (indices[0] >= Count) throw new IndexOutOfRangeException();
            return Offset(indices[0]);
        }
        var offset = 0L;
        for (var i = 0; i < _shape.Length; i++) {
            if (indices[i] < 0 || indices[i] >= _shape[i]) {
                throw new IndexOutOfRangeException($"{indices[i]} is not an index of dimension {i}, which has {_shape[i]} elements.");
            }
            offset += indices[i] * _strides[i];
        }
        return offset;
    }

    private long Offset(long index)
    {
        if (_contiguous) return index;
        var offset = 0L;
        for (var i = _shape.Length - 1; i >= 0; i--) {
            (index, var position) = Math.DivRem(index, _shape[i]);
            offset += position * _strides[i];
        }
        return offset;
    }
}
