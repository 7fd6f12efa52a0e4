using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Values to keys and back.</summary>
public static class ConversionsExtensionsCatalog
{
    public static KeyToValueMappingEstimator MapKeyToValue(
        this TransformsCatalog.ConversionTransforms catalog, string outputColumnName, string inputColumnName = null)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new KeyToValueMappingEstimator([(outputColumnName, inputColumnName ?? outputColumnName)]);
    }

    public static KeyToValueMappingEstimator MapKeyToValue(this TransformsCatalog.ConversionTransforms catalog, InputOutputColumnPair[] columns)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new KeyToValueMappingEstimator(Pairs(columns));
    }

    /// <summary>
    /// Numbers the values by occurrence or in their order, or by the rows of <paramref name="keyData"/> (one column of the same type), which is then
    /// all that counts: values it lacks, like empty text and NaN, become the missing key 0.
    /// </summary>
    public static ValueToKeyMappingEstimator MapValueToKey(
        this TransformsCatalog.ConversionTransforms catalog,
        string outputColumnName,
        string inputColumnName = null,
        int maximumNumberOfKeys = 1000000,
        ValueToKeyMappingEstimator.KeyOrdinality keyOrdinality = ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence,
        bool addKeyValueAnnotationsAsText = false,
        IDataView keyData = null)
        => new(catalog.GetEnvironment(), [(outputColumnName, inputColumnName ?? outputColumnName)],
            new(maximumNumberOfKeys, keyOrdinality, addKeyValueAnnotationsAsText, keyData));

    public static ValueToKeyMappingEstimator MapValueToKey(
        this TransformsCatalog.ConversionTransforms catalog,
        InputOutputColumnPair[] columns,
        int maximumNumberOfKeys = 1000000,
        ValueToKeyMappingEstimator.KeyOrdinality keyOrdinality = ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence,
        bool addKeyValueAnnotationsAsText = false,
        IDataView keyData = null)
        => new(catalog.GetEnvironment(), Pairs(columns), new(maximumNumberOfKeys, keyOrdinality, addKeyValueAnnotationsAsText, keyData));

    private static (string Output, string Input)[] Pairs(InputOutputColumnPair[] columns)
    {
        Errors.NotNull(columns, nameof(columns));
        return Array.ConvertAll(columns, column => (column.OutputColumnName, column.InputColumnName));
    }
}
