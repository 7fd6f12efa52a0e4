using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>What is known of a schema before any data was seen; estimators check and extend it.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private static readonly SchemaShape Nothing = new([]);

    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns)
    {
        Errors.NotNull(columns, nameof(columns));
        _columns = [.. columns];
        Errors.Require(_columns.All(column => column.Name is not null), nameof(columns), "Some items are not initialized properly.");
    }

    public int Count => _columns.Length;

    public Column this[int index] => _columns[index];

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape of a schema's visible columns, annotations included (theirs are left out, as ML.NET does).</summary>
    internal static SchemaShape Of(DataViewSchema schema)
    {
        Errors.NotNull(schema, nameof(schema));
        return new SchemaShape(schema.Where(column => !column.IsHidden).Select(column =>
        {
            DataViewSchema annotations = column.Annotations.Schema;
            return Column.Of(column.Name, column.Type, annotations.Count == 0 ? null : new SchemaShape(annotations.Select(a => Column.Of(a.Name, a.Type))));
        }));
    }

    internal bool TryFind(string name, out Column column)
    {
        column = _columns.FirstOrDefault(c => c.Name == name);
        return column.Name is not null;
    }

    public struct Column
    {
        public readonly string Name;
        public readonly VectorKind Kind;
        public readonly DataViewType ItemType;
        public readonly bool IsKey;
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind kind, DataViewType itemType, bool isKey, SchemaShape annotations = null)
        {
            Errors.NotEmpty(name, nameof(name));
            Errors.Require(itemType is not KeyDataViewType, nameof(itemType), "Item type cannot be a key");
            Errors.Require(itemType is not VectorDataViewType, nameof(itemType), "Item type cannot be a vector");
            Errors.Require(!isKey || KeyDataViewType.IsValidDataType(itemType.RawType), nameof(itemType), "The item type must be valid for a key");
            Name = name;
            Kind = kind;
            ItemType = itemType;
            IsKey = isKey;
            Annotations = annotations ?? Nothing;
        }

        public enum VectorKind
        {
            Scalar = 0,
            Vector = 1,
            VariableVector = 2,
        }

        /// <summary>A key's item type is the number type of its raw values, with <see cref="IsKey"/> set.</summary>
        internal static Column Of(string name, DataViewType type, SchemaShape annotations = null)
        {
            VectorKind kind = type is not VectorDataViewType vector ? VectorKind.Scalar : vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector;
            DataViewType item = type.ItemType();
            bool isKey = item is KeyDataViewType;
            if (isKey && TypeFacts.TryPrimitive(item.RawType, out PrimitiveDataViewType number))
            {
                item = number;
            }
            return new Column(name, kind, item, isKey, annotations);
        }

        internal string TypeText()
        {
            string text = IsKey ? $"Key<{ItemType}>" : ItemType.ToString();
            return Kind switch { VectorKind.Vector => $"Vector<{text}>", VectorKind.VariableVector => $"VarVector<{text}>", _ => text };
        }
    }
}
