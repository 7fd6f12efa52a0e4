using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace TorchSharp.Utils;

/// <summary>A dictionary that enumerates in the order of insertion.</summary>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)>
{
    private readonly List<(TKey, TValue)> _list = [];
    private readonly Dictionary<TKey, TValue> _dict = [];

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public ICollection<TKey> Keys => _list.Select(pair => pair.Item1).ToList();

    public ICollection<TValue> Values => _list.Select(pair => pair.Item2).ToList();

    public (TKey, TValue) this[int index] {
        get => _list[index];
        set {
            _list[index] = value;
            _dict[value.Item1] = value.Item2;
        }
    }

    public TValue this[TKey key] {
        get => _dict[key];
        set {
            var index = _dict.ContainsKey(key) ? Position(key) : -1;
            _dict[key] = value;
            if (index < 0) _list.Add((key, value));
            else _list[index] = (key, value);
        }
    }

    public IEnumerator<(TKey, TValue)> items() => _list.GetEnumerator();

    public IEnumerable<TKey> keys() => _dict.Keys;

    public IEnumerable<TValue> values() => _dict.Values;

    public void clear() => Clear();

    public void Clear()
    {
        _list.Clear();
        _dict.Clear();
    }

    public void Add(TKey key, TValue value)
    {
        _dict.Add(key, value);
        _list.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        _dict.Add(item.Item1, item.Item2);
        _list.Insert(index, item);
    }

    public bool ContainsKey(TKey key) => _dict.ContainsKey(key);

    public bool Contains((TKey, TValue) item) => _list.Contains(item);

    public bool Contains(KeyValuePair<TKey, TValue> item) => _dict.ContainsKey(item.Key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _dict.TryGetValue(key, out value);

    public int IndexOf((TKey, TValue) item) => _list.IndexOf(item);

    public bool Remove(TKey key)
    {
        if (!_dict.ContainsKey(key)) throw new KeyNotFoundException();
        _list.RemoveAt(Position(key));
        return _dict.Remove(key);
    }

    public bool Remove((TKey, TValue) item)
    {
        _dict.Remove(item.Item1);
        return _list.Remove(item);
    }

    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index)
    {
        if (index >= _list.Count) throw new IndexOutOfRangeException();
        _dict.Remove(_list[index].Item1);
        _list.RemoveAt(index);
    }

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (var (key, value) in _list) array[arrayIndex++] = KeyValuePair.Create(key, value);
    }

    public IEnumerator<(TKey, TValue)> GetEnumerator() => _list.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() =>
        _list.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _list.GetEnumerator();

    private int Position(TKey key) => _list.FindIndex(pair => EqualityComparer<TKey>.Default.Equals(pair.Item1, key));
}
