namespace Microsoft.ML.Data;

/// <summary>Column types, their values and whole schemas, as they are saved. Columns of other types (images) are left out, as the real package does.</summary>
internal static class SavedSchema
{
    private const byte Key = 100;
    private const byte Vector = 101;

    // The number saved for a type is its place here: append only.
    private static readonly PrimitiveDataViewType[] Scalars =
    [
        TextDataViewType.Instance, BooleanDataViewType.Instance, TimeSpanDataViewType.Instance, DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance,
        RowIdDataViewType.Instance, NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
    ];

    internal static void Write(this ModelWriter writer, DataViewSchema schema)
    {
        DataViewSchema.Column[] columns = [.. schema.Where(column => CanSave(column.Type))];
        writer.List(columns, column =>
        {
            writer.Text(column.Name);
            writer.Write(column.Type);
            DataViewSchema.Annotations annotations = column.Annotations;
            writer.List([.. annotations.Schema.Where(annotation => CanSave(annotation.Type))], annotation =>
            {
                writer.Text(annotation.Name);
                writer.Write(annotation.Type);
                Generic.Call<bool>(
                    annotation.Type is VectorDataViewType ? () => WriteVector<int>(null, null, default) : () => WriteScalar<int>(null, null, default),
                    [annotation.Type.ItemType().RawType], writer, annotations, annotation);
            });
        });
    }

    internal static DataViewSchema ReadSchema(this ModelReader reader)
    {
        var builder = new DataViewSchema.Builder();
        reader.List(() =>
        {
            string name = reader.Text();
            DataViewType type = reader.ReadType();
            var annotations = new DataViewSchema.Annotations.Builder();
            reader.List(() =>
            {
                string kind = reader.Text();
                DataViewType annotation = reader.ReadType();
                return Generic.Call<bool>(
                    annotation is VectorDataViewType ? () => ReadVector<int>(null, null, null, null) : () => ReadScalar<int>(null, null, null, null),
                    [annotation.ItemType().RawType], reader, annotations, kind, annotation);
            });
            builder.AddColumn(name, type, annotations.ToAnnotations());
            return true;
        });
        return builder.ToSchema();
    }

    internal static void Write(this ModelWriter writer, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType vector:
                writer.Byte(Vector);
                writer.Write(vector.ItemType);
                writer.Values(vector.Dimensions.AsSpan());
                break;
            case KeyDataViewType key:
                writer.Byte(Key);
                writer.Byte((byte)Array.FindIndex(Scalars, scalar => scalar.RawType == key.RawType));
                writer.Large(key.Count);
                break;
            default:
                writer.Byte((byte)Array.IndexOf(Scalars, type));
                break;
        }
    }

    internal static DataViewType ReadType(this ModelReader reader)
    {
        byte tag = reader.Byte();
        return tag switch
        {
            Vector => new VectorDataViewType(reader.ReadItemType(), reader.Values<int>()),
            Key => new KeyDataViewType(Scalar(reader.Byte()).RawType, reader.Large()),
            _ => Scalar(tag),
        };
    }

    internal static PrimitiveDataViewType ReadItemType(this ModelReader reader)
        => reader.ReadType() as PrimitiveDataViewType ?? throw ModelReader.Damaged("a vector holds vectors");

    internal static void WriteItems<T>(this ModelWriter writer, IReadOnlyCollection<T> items)
    {
        switch (items)
        {
            case IReadOnlyCollection<ReadOnlyMemory<char>> texts:
                writer.List(texts, text => writer.Text(text.ToString()));
                break;
            case IReadOnlyCollection<DateTimeOffset> times:
                writer.List(times, time =>
                {
                    writer.Large((ulong)time.Ticks);
                    writer.Large((ulong)time.Offset.Ticks);
                });
                break;
            case IReadOnlyCollection<bool> flags:
                writer.List(flags, writer.Flag);
                break;
            case IReadOnlyCollection<DateTime> times:
                writer.List(times, time => writer.Large((ulong)time.ToBinary()));
                break;
            default:
                Generic.Call<bool>(() => WriteNumbers<int>(null, null), [typeof(T)], writer, items);
                break;
        }
    }

    internal static T[] ReadItems<T>(this ModelReader reader)
    {
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
        {
            return (T[])(object)reader.List(() => reader.Text().AsMemory());
        }
        if (typeof(T) == typeof(DateTimeOffset))
        {
            return (T[])(object)reader.List(() => new DateTimeOffset((long)reader.Large(), TimeSpan.FromTicks((long)reader.Large())));
        }
        if (typeof(T) == typeof(bool))
        {
            return (T[])(object)reader.List(reader.Flag);
        }
        return typeof(T) == typeof(DateTime)
            ? (T[])(object)reader.List(() => DateTime.FromBinary((long)reader.Large()))
            : (T[])Generic.Call<object>(() => ReadNumbers<int>(null), [typeof(T)], reader);
    }

    private static bool CanSave(DataViewType type) => type.ItemType() is KeyDataViewType || Scalars.Contains(type.ItemType());

    private static PrimitiveDataViewType Scalar(byte tag) => tag < Scalars.Length ? Scalars[tag] : throw ModelReader.Damaged($"there is no column type {tag}");

    private static bool WriteNumbers<T>(ModelWriter writer, IReadOnlyCollection<T> items)
        where T : unmanaged
    {
        writer.Values<T>(items.ToArray());
        return true;
    }

    private static T[] ReadNumbers<T>(ModelReader reader)
        where T : unmanaged
        => reader.Values<T>();

    private static bool WriteScalar<T>(ModelWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column column)
    {
        T value = default;
        annotations.GetGetter<T>(column)(ref value);
        writer.WriteItems<T>([value]);
        return true;
    }

    private static bool WriteVector<T>(ModelWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column column)
    {
        VBuffer<T> value = default;
        annotations.GetGetter<VBuffer<T>>(column)(ref value);
        writer.WriteItems<T>([.. value.DenseValues()]);
        return true;
    }

    private static bool ReadScalar<T>(ModelReader reader, DataViewSchema.Annotations.Builder annotations, string kind, DataViewType type)
    {
        T[] items = reader.ReadItems<T>();
        if (items.Length != 1)
        {
            throw ModelReader.Damaged($"the annotation '{kind}' has {items.Length} values");
        }
        annotations.Add<T>(kind, type, (ref T value) => value = items[0]);
        return true;
    }

    private static bool ReadVector<T>(ModelReader reader, DataViewSchema.Annotations.Builder annotations, string kind, DataViewType type)
    {
        T[] items = reader.ReadItems<T>();
        if (type.VectorSize() is > 0 and var size && size != items.Length)
        {
            throw ModelReader.Damaged($"the annotation '{kind}' has {items.Length} values where its type says {size}");
        }
        annotations.Add<VBuffer<T>>(kind, type, (ref VBuffer<T> value) => VBuffer<T>.Copy(items, 0, ref value, items.Length));
        return true;
    }
}
