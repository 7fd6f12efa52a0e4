using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Makes actions that fetch a column's value and store it in a member of a row object, reusing the arrays it finds there.</summary>
internal static class MemberSetter<TRow>
    where TRow : class
{
    internal static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Compile(BoundColumn column)
    {
        Type type = MemberShape.ValueType(column.Member);
        if (type == typeof(string))
        {
            return Text(column.Member);
        }
        if (type == typeof(string[]))
        {
            return Texts(column.Member);
        }
        if (type.IsArray)
        {
            return Call(() => Items<int>(null), type.GetElementType(), column.Member);
        }
        return MemberShape.Of(column.Member).IsVector
            ? Call(() => Buffer<int>(null), type.GetGenericArguments()[0], column.Member)
            : Call(() => Scalar<int>(null), type, column.Member);
    }

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Call(
        System.Linq.Expressions.Expression<Func<Func<DataViewRow, DataViewSchema.Column, Action<TRow>>>> example, Type type, params object[] arguments)
        => Generic.Call(example, [type], arguments);

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Scalar<T>(MemberInfo member)
    {
        Action<TRow, T> write = MemberAccess<TRow>.Writer<T>(member);
        return (input, column) =>
        {
            ValueGetter<T> getter = input.GetGetter<T>(column);
            T value = default;
            return row =>
            {
                getter(ref value);
                write(row, value);
            };
        };
    }

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Text(MemberInfo member)
    {
        Action<TRow, string> write = MemberAccess<TRow>.Writer<string>(member);
        return (input, column) =>
        {
            ValueGetter<ReadOnlyMemory<char>> getter = input.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> value = default;
            return row =>
            {
                getter(ref value);
                write(row, value.ToString());
            };
        };
    }

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Texts(MemberInfo member)
    {
        Func<TRow, string[]> read = MemberAccess<TRow>.ReaderOrNull<string[]>(member);
        Action<TRow, string[]> write = MemberAccess<TRow>.Writer<string[]>(member);
        return (input, column) =>
        {
            ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
            VBuffer<ReadOnlyMemory<char>> value = default;
            return row =>
            {
                getter(ref value);
                string[] texts = OfLength(read?.Invoke(row), value.Length);
                foreach (KeyValuePair<int, ReadOnlyMemory<char>> item in value.Items(all: true))
                {
                    texts[item.Key] = item.Value.ToString();
                }
                write(row, texts);
            };
        };
    }

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Items<T>(MemberInfo member)
    {
        Func<TRow, T[]> read = MemberAccess<TRow>.ReaderOrNull<T[]>(member);
        Action<TRow, T[]> write = MemberAccess<TRow>.Writer<T[]>(member);
        return (input, column) =>
        {
            ValueGetter<VBuffer<T>> getter = input.GetGetter<VBuffer<T>>(column);
            VBuffer<T> value = default;
            return row =>
            {
                getter(ref value);
                T[] items = OfLength(read?.Invoke(row), value.Length);
                value.CopyTo(items);
                write(row, items);
            };
        };
    }

    private static Func<DataViewRow, DataViewSchema.Column, Action<TRow>> Buffer<T>(MemberInfo member)
    {
        Func<TRow, VBuffer<T>> read = MemberAccess<TRow>.ReaderOrNull<VBuffer<T>>(member);
        Action<TRow, VBuffer<T>> write = MemberAccess<TRow>.Writer<VBuffer<T>>(member);
        return (input, column) =>
        {
            ValueGetter<VBuffer<T>> getter = input.GetGetter<VBuffer<T>>(column);
            return row =>
            {
                VBuffer<T> value = read is null ? default : read(row);
                getter(ref value);
                write(row, value);
            };
        };
    }

    // A member that is null stays null for an empty vector, as in ML.NET.
    private static T[] OfLength<T>(T[] present, int length) => (present?.Length ?? 0) == length ? present : new T[length];
}
