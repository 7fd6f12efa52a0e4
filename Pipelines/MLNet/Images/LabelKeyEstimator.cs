using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AlexNetMl.Pipelines;

/// <summary>ML.NET's value-to-key mapping with the model's labels as its key data.</summary>
internal sealed class LabelKeyEstimator(TransformsCatalog catalog, string model, string outputColumn, string inputColumn, bool allowUnknown)
    : IEstimator<ITransformer>
{
    private const int MostNames = 10;

    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column column = InputColumns.Find(input.Schema, inputColumn, nameof(input), InputColumns.IsText, $"{TextDataViewType.Instance}", InputColumns.LabelRemedy);
        IReadOnlyList<string> labels = ModelLabels.Read(model);
        if (!allowUnknown)
        {
            RefuseUnknown(input, column, labels);
        }

        return Mapping(labels).Fit(input);
    }

    private void RefuseUnknown(IDataView input, DataViewSchema.Column column, IReadOnlyList<string> labels)
    {
        HashSet<string> known = [.. labels];
        SortedSet<string> unknown = new(StringComparer.Ordinal);
        using DataViewRowCursor cursor = input.GetRowCursor([column]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            if (value.Length > 0 && !lookup.Contains(value.Span))
            {
                unknown.Add(value.ToString());
            }
        }

        if (unknown.Count > 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(input),
                $"Label mismatch for input column '{inputColumn}': expected one of the {labels.Count} labels of '{model}' ({Names(labels)}), got {Names(unknown)}. "
                + "Correct the labels, or let them be missing keys with allowUnknown.");
        }
    }

    private static string Names(IReadOnlyCollection<string> names)
        => string.Join(", ", names.Take(MostNames).Select(name => $"'{name}'")) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : string.Empty);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.Check(inputSchema, inputColumn, nameof(inputSchema), InputColumns.IsText, $"{TextDataViewType.Instance}", InputColumns.LabelRemedy);
        return Mapping(null).GetOutputSchema(inputSchema);
    }

    private ValueToKeyMappingEstimator Mapping(IReadOnlyList<string>? labels)
    {
        // The key data are read by whoever cursors over them: any environment will do, and a catalog gives away none.
        LabelRow[]? rows = labels?.Select(label => new LabelRow { Label = label }).ToArray();
        IDataView? keys = rows is null ? null : new MLContext().Data.LoadFromEnumerable(rows);
        return catalog.Conversion.MapValueToKey(outputColumn, inputColumn, keyData: keys!);
    }

    private sealed class LabelRow
    {
        public string Label { get; set; } = string.Empty;
    }
}
