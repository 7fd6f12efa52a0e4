using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>Looks up a text column; the errors are ML.NET's in type and wording, with what to do about them.</summary>
internal static class TextColumn
{
    public const string PathRemedy = "It is to hold the path of each row's picture; name such a column as inputColumn.";

    public const string LabelRemedy = "It is to hold the label's text; name such a column as inputColumn.";

    /// <summary>The column of that name among those that are there.</summary>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string parameter, string remedy)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw Missing(parameter, name, schema.Where(other => !other.IsHidden).Select(other => other.Name), remedy);
        return column.Type is TextDataViewType ? column : throw Mismatch(parameter, name, column.Type.ToString(), remedy);
    }

    /// <summary>The same check against a promise of columns.</summary>
    public static void Check(SchemaShape shape, string name, string parameter, string remedy)
    {
        foreach (SchemaShape.Column column in shape)
        {
            if (column.Name != name)
            {
                continue;
            }
            if (column.ItemType is TextDataViewType && column.Kind == SchemaShape.Column.VectorKind.Scalar && !column.IsKey)
            {
                return;
            }
            throw Mismatch(parameter, name, Describe(column), remedy);
        }
        throw Missing(parameter, name, shape.Select(other => other.Name), remedy);
    }

    private static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : $"{column.ItemType}";
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            SchemaShape.Column.VectorKind.VariableVector => $"VarVector<{item}>",
            _ => item,
        };
    }

    private static ArgumentOutOfRangeException Missing(string parameter, string name, IEnumerable<string> others, string remedy)
    {
        string there = string.Join(", ", others.Select(other => $"'{other}'"));
        return new(parameter, $"Could not find input column '{name}' among {there}. {remedy}");
    }

    private static ArgumentOutOfRangeException Mismatch(string parameter, string name, string? found, string remedy)
        => new(parameter, $"Schema mismatch for input column '{name}': expected {TextDataViewType.Instance}, got {found}. {remedy}");
}
