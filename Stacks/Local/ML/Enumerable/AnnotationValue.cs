namespace Microsoft.ML.Data;

/// <summary>Getters for annotation values given as plain objects.</summary>
internal static class AnnotationValue
{
    internal static Delegate MakeGetter<T>(T value, DataViewType type)
    {
        MemberShape shape = MemberShape.Of("annotation value", typeof(T));
        if (shape.IsVector != type is VectorDataViewType)
        {
            throw Errors.Invalid($"The annotation's value is a {(shape.IsVector ? "vector" : "scalar")} of {typeof(T)}, but its type is {type}.");
        }
        if (shape.ItemType.RawType != type.ItemType().RawType)
        {
            throw Errors.Invalid($"The annotation's value has items of {shape.ItemType.RawType}, but its type {type} has items of {type.ItemType().RawType}.");
        }
        return (object)value switch
        {
            string text => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> destination) => destination = text.AsMemory()),
            string[] texts => ArrayGetter(Array.ConvertAll(texts, text => text.AsMemory())),
            Array items => Generic.Call<Delegate>(() => ArrayGetter<int>(null), [shape.ItemType.RawType], items),
            _ when shape.IsVector => Generic.Call<Delegate>(() => BufferGetter(default(VBuffer<int>)), [shape.ItemType.RawType], value),
            _ => (ValueGetter<T>)((ref T destination) => destination = value),
        };
    }

    private static Delegate ArrayGetter<TItem>(TItem[] items)
        => (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> destination) => VBuffer<TItem>.Copy(items, 0, ref destination, items.Length));

    private static Delegate BufferGetter<TItem>(VBuffer<TItem> buffer)
        => (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> destination) => buffer.CopyTo(ref destination));
}
