using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>One column of a user's class after its definition was checked: the member and the type its values are given.</summary>
internal sealed record BoundColumn(string Name, DataViewType Type, MemberInfo Member, DataViewSchema.Annotations Annotations)
{
    internal static BoundColumn[] Bind(Type userType, SchemaDefinition definition) => [.. definition.Select(column => Bind(userType, column))];

    internal static BoundColumn[] Bind(Type userType, SchemaDefinition definition, SchemaDefinition.Direction direction)
        => Bind(userType, definition ?? SchemaDefinition.Create(userType, direction));

    internal static DataViewSchema SchemaOf(IEnumerable<BoundColumn> columns)
        => DataViewSchema.Of(columns.Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type, column.Annotations)));

    private static BoundColumn Bind(Type userType, SchemaDefinition.Column column)
    {
        const string Parameter = "userSchemaDefinition";
        MemberInfo member = (MemberInfo)userType.GetField(column.MemberName) ?? userType.GetProperty(column.MemberName);
        if (member is null)
        {
            throw Errors.Argument(Parameter, $"No field or property with name '{column.MemberName}' found in type '{userType.FullName}'");
        }
        string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        MemberShape shape = MemberShape.Of(member);
        DataViewType type = column.ColumnType ?? (shape.IsVector ? new VectorDataViewType((PrimitiveDataViewType)shape.ItemType, 0) : shape.ItemType);
        if (shape.IsVector != type is VectorDataViewType)
        {
            throw Errors.Argument(Parameter,
                $"Column '{name}' is supposed to be {(type is VectorDataViewType ? "vector" : "scalar")}, but type of associated field '{column.MemberName}' is {(shape.IsVector ? "vector" : "scalar")}");
        }
        if (!shape.Fits(type))
        {
            throw Errors.Argument(Parameter,
                $"Column '{name}' is supposed to have item type {type.ItemType().RawType}, but associated field has type {shape.ItemType.RawType}");
        }
        return new BoundColumn(name, type, member, column.Annotations);
    }
}
