namespace Microsoft.ML.Data;

/// <summary>Marks a member of a user's class as a column of a registered type, such as an image.</summary>
public abstract class DataViewTypeAttribute : Attribute, IEquatable<DataViewTypeAttribute>
{
    protected DataViewTypeAttribute()
    {
    }

    /// <summary>Makes the attribute's column type known to <see cref="DataViewTypeManager"/>; may be called again.</summary>
    public abstract void Register();

    public abstract bool Equals(DataViewTypeAttribute other);
}

/// <summary>Which column type a .NET type, as marked by an attribute, stands for. One table per process, as in the real package.</summary>
public static class DataViewTypeManager
{
    private static readonly Lock Gate = new();
    private static readonly List<(Type Type, DataViewTypeAttribute Attribute, DataViewType Column)> Known = [];

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        Errors.NotNull(dataViewType, nameof(dataViewType));
        Errors.NotNull(type, nameof(type));
        Errors.Require(dataViewType.RawType == type, nameof(dataViewType), $"{dataViewType} holds {dataViewType.RawType}, not {type}.");
        lock (Gate)
        {
            if (Find(type, typeAttribute) is { } present)
            {
                Errors.Check(present.Equals(dataViewType), $"{type} is registered as {present} already and cannot become {dataViewType}.");
                return;
            }
            Known.Add((type, typeAttribute, dataViewType));
        }
    }

    internal static DataViewType Lookup(Type type, DataViewTypeAttribute attribute)
    {
        attribute?.Register();
        lock (Gate)
        {
            return Find(type, attribute);
        }
    }

    private static DataViewType Find(Type type, DataViewTypeAttribute attribute)
        => Known.Find(known => known.Type == type && (attribute is null ? known.Attribute is null : known.Attribute is { } own && own.Equals(attribute))).Column;
}
