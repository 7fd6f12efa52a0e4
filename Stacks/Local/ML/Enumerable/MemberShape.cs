using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>What a member's .NET type can hold of a column: a scalar, a vector as array or <see cref="VBuffer{T}"/>, or a value of a registered type.</summary>
internal sealed record MemberShape(bool IsVector, DataViewType ItemType)
{
    internal static MemberShape Of(MemberInfo member)
        => DataViewTypeManager.Lookup(ValueType(member), member.GetCustomAttribute<DataViewTypeAttribute>()) is { } registered
            ? new MemberShape(false, registered)
            : Of(member.Name, ValueType(member));

    internal static MemberShape Of(string name, Type type)
    {
        Type item = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? type.GetGenericArguments()[0]
            : null;
        return TypeFacts.TryPrimitive(item ?? type, out PrimitiveDataViewType primitive)
            ? new MemberShape(item is not null, primitive)
            : throw Errors.Argument("rawType", $"Could not determine an IDataView type and registered custom types for member {name}");
    }

    internal static Type ValueType(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    /// <summary>Whether values of a column of that type can be stored in the member.</summary>
    internal bool Fits(DataViewType column) => IsVector == column is VectorDataViewType && column.ItemType().RawType == ItemType.RawType;
}
