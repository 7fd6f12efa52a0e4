using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Makes column getters that read a member of the current row object.</summary>
internal static class MemberGetter<TRow>
    where TRow : class
{
    /// <summary>Compiles the member's access once; the result makes a getter for any source of current rows.</summary>
    internal static Func<Func<TRow>, Delegate> Compile(BoundColumn column)
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
        if (column.Type is VectorDataViewType vector)
        {
            return Call(() => Buffer<int>(null), vector.ItemType.RawType, column.Member);
        }
        return column.Type is KeyDataViewType key
            ? Call(() => Key<uint>(null, 0), type, column.Member, key.Count)
            : Call(() => Scalar<int>(null), type, column.Member);
    }

    private static Func<Func<TRow>, Delegate> Call(
        System.Linq.Expressions.Expression<Func<Func<Func<TRow>, Delegate>>> example, Type type, params object[] arguments)
        => Generic.Call(example, [type], arguments);

    private static Func<Func<TRow>, Delegate> Scalar<T>(MemberInfo member)
    {
        Func<TRow, T> read = MemberAccess<TRow>.Reader<T>(member);
        return current => (ValueGetter<T>)((ref T value) => value = read(current()));
    }

    private static Func<Func<TRow>, Delegate> Text(MemberInfo member)
    {
        Func<TRow, string> read = MemberAccess<TRow>.Reader<string>(member);
        return current => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = read(current()).AsMemory());
    }

    private static Func<Func<TRow>, Delegate> Texts(MemberInfo member)
    {
        Func<TRow, string[]> read = MemberAccess<TRow>.Reader<string[]>(member);
        return current => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] texts = read(current()) ?? [];
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, texts.Length);
            for (int i = 0; i < texts.Length; i++)
            {
                editor.Values[i] = texts[i].AsMemory();
            }
            value = editor.Commit();
        });
    }

    private static Func<Func<TRow>, Delegate> Items<T>(MemberInfo member)
    {
        Func<TRow, T[]> read = MemberAccess<TRow>.Reader<T[]>(member);
        return current => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            T[] items = read(current());
            VBuffer<T>.Copy(items, 0, ref value, items?.Length ?? 0);
        });
    }

    private static Func<Func<TRow>, Delegate> Buffer<T>(MemberInfo member)
    {
        Func<TRow, VBuffer<T>> read = MemberAccess<TRow>.Reader<VBuffer<T>>(member);
        return current => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => read(current()).CopyTo(ref value));
    }

    private static Func<Func<TRow>, Delegate> Key<T>(MemberInfo member, ulong count)
        where T : struct, System.Numerics.IUnsignedNumber<T>
    {
        // ML.NET's own limit: a scalar key of a ushort member is refused when its column is read.
        Errors.Check(typeof(T) != typeof(ushort), $"A key column cannot be read from the ushort member '{member.Name}'; make it uint.");
        Func<TRow, T> read = MemberAccess<TRow>.Reader<T>(member);
        return current => (ValueGetter<T>)((ref T value) =>
        {
            ulong raw = ulong.CreateTruncating(read(current()));
            value = raw < count ? T.CreateTruncating(raw + 1) : T.Zero;
        });
    }
}
