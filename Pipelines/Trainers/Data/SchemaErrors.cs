using Microsoft.ML;

namespace AlexNetMl.Trainers;

/// <summary>Errors about columns, in ML.NET's type and wording, followed by the remedy.</summary>
internal static class SchemaErrors
{
    public static ArgumentOutOfRangeException Missing(string parameter, string role, string name, IEnumerable<string> others, string remedy) =>
        new(parameter, $"Could not find {role} column '{name}' among {string.Join(", ", others.Select(other => $"'{other}'"))}. {remedy}");

    public static ArgumentOutOfRangeException Mismatch(string parameter, string role, string name, string expected, string? found, string remedy) =>
        new(parameter, $"Schema mismatch for {role} column '{name}': expected {expected}, got {found}. {remedy}");

    public static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : $"{column.ItemType}";
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            SchemaShape.Column.VectorKind.VariableVector => $"VarVector<{item}>",
            _ => item,
        };
    }
}
