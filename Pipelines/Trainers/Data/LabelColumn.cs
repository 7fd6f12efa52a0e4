using System.Globalization;
using System.Reflection;
using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Pipelines;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Trainers;

/// <summary>The label: a key column of 32 bits, what ML.NET's own multiclass trainers take. Errors are ML.NET's in type and wording, with what to do about them.</summary>
internal static class LabelColumn
{
    // A classifier has a weight vector for each key: a count above this is a hash or "as many as there may be", not a number of classes.
    private const int MostClasses = 100_000;

    private const string Role = "label", Expected = "Key<UInt32>";
    private static readonly string Bounded = $"{Expected} of at most {MostClasses.ToString("N0", CultureInfo.InvariantCulture)} keys";

    private const string Remedy = "Make it with mlContext.Transforms.Conversion.MapValueToKey, or name another column as LabelColumnName.";

    /// <summary>The column of that name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, no key of 32 bits, or has more keys than a network can have classes.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string parameter)
    {
        InputColumns.Find(schema, name, parameter, type => type is KeyDataViewType key && key.RawType == typeof(uint), Expected, Remedy, Role);
        return InputColumns.Find(schema, name, parameter, type => ((KeyDataViewType)type).Count <= MostClasses, Bounded, Remedy, Role);
    }

    /// <summary>The same check against a promise of columns, which does not say how many keys there are.</summary>
    public static void Check(SchemaShape shape, string name, string parameter) => InputColumns.Check(
        shape,
        name,
        parameter,
        column => column.IsKey && column.Kind == SchemaShape.Column.VectorKind.Scalar && column.ItemType.RawType == typeof(uint),
        Expected,
        Remedy,
        Role);

    /// <summary>The key values as text, in key order: they become the model's labels. Keys without values are called by their numbers, from 1.</summary>
    /// <exception cref="InvalidOperationException">There is one key only, or the texts cannot be a model's labels.</exception>
    public static IReadOnlyList<string> Classes(DataViewSchema.Column column)
    {
        int count = (int)((KeyDataViewType)column.Type).Count;
        string[] names = KeyValues(column, count) ?? [.. Enumerable.Range(1, count).Select(key => key.ToString(CultureInfo.InvariantCulture))];
        if (names.Length < 2)
            throw new InvalidOperationException($"The label column '{column.Name}' has one key only ('{names[0]}'): telling pictures apart takes at least 2 classes.");
        try
        {
            // Hours of training must not end at a label that cannot be written down.
            new OnnxExportOptions { Preprocessing = new ImagePreprocessing(), Labels = names }.Validate();
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"The key values of the label column '{column.Name}' cannot be a model's labels: {error.Message}", error);
        }
        return names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice
            ? throw new InvalidOperationException($"Two keys of the label column '{column.Name}' have the value '{twice.Key}': give each class a name of its own.")
            : names;
    }

    private static string[]? KeyValues(DataViewSchema.Column column, int count)
    {
        // The name of this annotation is one of ML.NET's internal constants.
        if (column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is not VectorDataViewType values || values.Size != count)
            return null;
        return (string[])typeof(LabelColumn)
            .GetMethod(nameof(Texts), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(values.ItemType.RawType)
            .Invoke(null, [column])!;
    }

    private static string[] Texts<T>(DataViewSchema.Column column)
    {
        VBuffer<T> values = default;
        column.GetKeyValues(ref values);
        return [.. values.DenseValues().Select(value => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? string.Empty)];
    }
}
