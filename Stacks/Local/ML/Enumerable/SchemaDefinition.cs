using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How the members of a user's class become columns; starts from their types and attributes and may be changed before use.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    /// <summary>The column of that name, or null.</summary>
    public Column this[string columnName]
    {
        get => this.FirstOrDefault(column => column.ColumnName == columnName);
        set
        {
            Errors.NotNull(value, nameof(value));
            if (value.ColumnName != columnName)
            {
                throw Errors.Argument(nameof(columnName),
                    $"The column name is specified as '{value.ColumnName}' but must match the selector '{columnName}'.");
            }
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index >= 0)
            {
                this[index] = value;
            }
            else
            {
                Add(value);
            }
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Errors.NotNull(userType, nameof(userType));
        var definition = new SchemaDefinition();
        foreach (MemberInfo member in Members(userType, direction))
        {
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition[name] is not null)
            {
                throw Errors.Argument(nameof(userType), $"Duplicate column name '{name}' detected, this is disallowed");
            }
            definition.Add(new Column(member.Name, TypeOf(member), name));
        }
        return definition;
    }

    /// <summary>The definition of a class whose members take their columns' types and annotations from an existing schema.</summary>
    internal static SchemaDefinition For(Type userType, DataViewSchema schema)
    {
        Errors.NotNull(schema, nameof(schema));
        SchemaDefinition definition = Create(userType, Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            Column member = definition[column.Name] ?? throw Errors.Invalid($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.CopyAnnotations(column.Annotations);
        }
        return definition;
    }

    /// <summary>Public instance fields, then properties that can be read or written as needed; channels, constants and NoColumn members are no columns.</summary>
    private static IEnumerable<MemberInfo> Members(Type userType, Direction direction)
    {
        IEnumerable<MemberInfo> fields = userType.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Where(field => field.FieldType != typeof(IChannel) && !field.IsLiteral);
        IEnumerable<MemberInfo> properties = userType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.PropertyType != typeof(IChannel) && property.GetIndexParameters().Length == 0)
            .Where(property => (direction.HasFlag(Direction.Read) && property.GetGetMethod() is not null)
                || (direction.HasFlag(Direction.Write) && property.GetSetMethod() is not null));
        return fields.Concat(properties).Where(member => member.GetCustomAttribute<NoColumnAttribute>() is null);
    }

    private static DataViewType TypeOf(MemberInfo member)
    {
        MemberShape shape = MemberShape.Of(member);
        if (shape.ItemType is not PrimitiveDataViewType item)
        {
            return shape.ItemType;
        }
        if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            if (!KeyDataViewType.IsValidDataType(item.RawType))
            {
                throw Errors.Argument("userType",
                    $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
            }
            item = new KeyDataViewType(item.RawType, key.Count);
        }
        VectorTypeAttribute vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (vector is not null && !shape.IsVector)
        {
            throw Errors.Argument("userType", $"Member {member.Name} marked with VectorTypeAttribute, but does not appear to be a vector type");
        }
        if (!shape.IsVector)
        {
            return item;
        }
        return vector is { Dimensions.Length: > 0 } ? new VectorDataViewType(item, vector.Dimensions) : new VectorDataViewType(item, 0);
    }

    public sealed class Column
    {
        private readonly Dictionary<string, Action<DataViewSchema.Annotations.Builder>> _annotations = [];

        internal Column(string memberName, DataViewType columnType, string columnName)
        {
            Errors.NotEmpty(memberName, nameof(memberName));
            MemberName = memberName;
            ColumnName = columnName ?? memberName;
            ColumnType = columnType;
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations
        {
            get
            {
                var builder = new DataViewSchema.Annotations.Builder();
                foreach (Action<DataViewSchema.Annotations.Builder> add in _annotations.Values)
                {
                    add(builder);
                }
                return builder.ToAnnotations();
            }
        }

        /// <param name="kind">Name of the annotation, such as <c>SlotNames</c>.</param>
        /// <param name="value">A scalar, a string, an array of either, or a <see cref="VBuffer{T}"/>.</param>
        /// <param name="annotationType">The annotation's type: a vector type exactly where <paramref name="value"/> is a vector.</param>
        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            Errors.NotNull(kind, nameof(kind));
            Errors.NotNull(annotationType, nameof(annotationType));
            Errors.Check(!_annotations.ContainsKey(kind), "Column already contains an annotation of this kind.");
            Delegate getter = AnnotationValue.MakeGetter(value, annotationType);
            _annotations.Add(kind, builder => builder.Add(kind, annotationType, getter));
        }

        internal void CopyAnnotations(DataViewSchema.Annotations annotations)
        {
            foreach (DataViewSchema.Column annotation in annotations.Schema)
            {
                string name = annotation.Name;
                _annotations[name] = builder => builder.Add(annotations, kind => kind == name);
            }
        }
    }
}
