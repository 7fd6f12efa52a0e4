using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AlexNetMl.Pipelines;

/// <summary>ML.NET's value-to-key mapping with the model's labels as its key data.</summary>
internal sealed class LabelKeyEstimator(TransformsCatalog catalog, string model, string outputColumn, string inputColumn)
    : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.Find(input.Schema, inputColumn, nameof(input), InputColumns.IsText, $"{TextDataViewType.Instance}", InputColumns.LabelRemedy);
        return Mapping(ModelLabels.Read(model)).Fit(input);
    }

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
