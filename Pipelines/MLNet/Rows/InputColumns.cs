using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>Looks up the columns that a transformer reads; the errors are ML.NET's in type and wording, with what to do about them.</summary>
internal static class InputColumns
{
    public const string LabelRemedy = "It is to hold the label's text; name such a column as inputColumn.";

    /// <summary>The column of that name among those that are there.</summary>
    /// <param name="schema">The columns that are there.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="parameter">The caller's parameter that the schema came in.</param>
    /// <param name="fits">Whether a column of a type will do.</param>
    /// <param name="expected">Which types will do, in words.</param>
    /// <param name="remedy">What to do about another.</param>
    /// <param name="role">What the column is to its reader, as ML.NET calls it: input, label.</param>
    public static DataViewSchema.Column Find(
        DataViewSchema schema, string name, string parameter, Func<DataViewType, bool> fits, string expected, string remedy, string role = "input")
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw Missing(parameter, role, name, schema.Where(other => !other.IsHidden).Select(other => other.Name), remedy);
        return fits(column.Type) ? column : throw Mismatch(parameter, role, name, expected, column.Type.ToString(), remedy);
    }

    /// <summary>The same check against a promise of columns.</summary>
    public static void Check(SchemaShape shape, string name, string parameter, Func<SchemaShape.Column, bool> fits, string expected, string remedy, string role = "input")
    {
        foreach (SchemaShape.Column column in shape)
        {
            if (column.Name == name)
            {
                if (!fits(column))
                {
                    throw Mismatch(parameter, role, name, expected, Describe(column), remedy);
                }

                return;
            }
        }

        throw Missing(parameter, role, name, shape.Select(other => other.Name), remedy);
    }

    public static bool IsText(DataViewType type) => type is TextDataViewType;

    public static bool IsText(SchemaShape.Column column) => column.ItemType is TextDataViewType && column.Kind == SchemaShape.Column.VectorKind.Scalar && !column.IsKey;

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

    private static ArgumentOutOfRangeException Missing(string parameter, string role, string name, IEnumerable<string> others, string remedy)
    {
        string there = string.Join(", ", others.Select(other => $"'{other}'"));
        return new(parameter, $"Could not find {role} column '{name}' among {there}. {remedy}");
    }

    private static ArgumentOutOfRangeException Mismatch(string parameter, string role, string name, string expected, string? found, string remedy)
        => new(parameter, $"Schema mismatch for {role} column '{name}': expected {expected}, got {found}. {remedy}");
}
