using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Numbers the values of columns: 1 for the first key, 0 for values without one.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;
    private readonly (string Output, string Input)[] _columns;

    internal ValueToKeyMappingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns, Options options)
    {
        _host = environment.Register(nameof(ValueToKeyMappingEstimator));
        Errors.Require(columns is { Length: > 0 }, nameof(columns), "columns cannot be null or empty");
        foreach ((string output, _) in columns)
        {
            Errors.Require(!string.IsNullOrWhiteSpace(output), "outputColumnName", "outputColumnName cannot be null or white space");
        }
        if (options.KeyData is { } keyData && keyData.Schema.Count != 1)
        {
            throw Errors.Argument("keyData",
                $"If specified, this data view should contain only a single column containing the terms to map, but this had {keyData.Schema.Count} columns.");
        }
        _columns = columns;
        _options = options;
    }

    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        Errors.NotNull(input, nameof(input));
        return new ValueToKeyMappingTransformer(_host, input, _columns, _options);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach ((string output, string input) in _columns)
        {
            SchemaShape.Column source = result.Input(input);
            if (!source.ItemType.IsStandardScalar())
            {
                throw Errors.NoColumn(nameof(inputSchema), "input", input);
            }
            if (!source.IsKey || !source.Annotations.TryFind(Annotation.KeyValues, out SchemaShape.Column values) || values.Kind != SchemaShape.Column.VectorKind.Vector)
            {
                values = new SchemaShape.Column(
                    Annotation.KeyValues, SchemaShape.Column.VectorKind.Vector, _options.TextKeyValues ? TextDataViewType.Instance : source.ItemType, source.IsKey && !_options.TextKeyValues);
            }
            IEnumerable<SchemaShape.Column> annotations = source.Annotations.TryFind(Annotation.SlotNames, out SchemaShape.Column slots) ? [slots, values] : [values];
            result.Set(new SchemaShape.Column(output, source.Kind, NumberDataViewType.UInt32, true, new SchemaShape(annotations)));
        }
        return result.ToShape();
    }

    internal sealed record Options(int MaximumNumberOfKeys, KeyOrdinality Ordinality, bool TextKeyValues, IDataView KeyData);
}
