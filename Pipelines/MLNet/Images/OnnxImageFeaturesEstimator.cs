using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Made by <see cref="OnnxImageScoringCatalog.ExtractOnnxImageFeatures"/>. It learns nothing from the data: <see cref="Fit"/> loads the model.
/// </summary>
public sealed class OnnxImageFeaturesEstimator : IEstimator<OnnxImageFeaturesTransformer>
{
    private readonly ImageEstimation _estimation;

    internal OnnxImageFeaturesEstimator(
        TransformsCatalog catalog, string model, string inputColumn, string layer, string outputColumn, OnnxImageScorerOptions? options, MLContext? context)
    {
        OnnxImageScorerOptions chosen = (options ?? new OnnxImageScorerOptions()) with { Layer = layer, FeaturesOnly = true, Logits = false, TopK = 0 };
        _estimation = new ImageEstimation(catalog, "ExtractOnnxImageFeatures", model, inputColumn, chosen, outputColumn, context);
        Layer = layer;
        OutputColumn = outputColumn;
    }

    /// <summary>The ONNX file or folder, as it was given.</summary>
    public string Model => _estimation.Model;

    /// <summary>The column that holds each row's picture.</summary>
    public string InputColumn => _estimation.InputColumn;

    /// <summary>The layer whose numbers are extracted.</summary>
    public string Layer { get; }

    /// <summary>The vector column that holds them.</summary>
    public string OutputColumn { get; }

    /// <summary>Loads the model, finds the layer and checks the input column. No row is read. The transformer owns the model: dispose it, or the chain it stands in.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or holds no pictures.</exception>
    /// <exception cref="OnnxScoringException">The model is not there, not usable, has no such layer, or the device asked for cannot be had.</exception>
    public OnnxImageFeaturesTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new OnnxImageFeaturesTransformer(_estimation.Load(input.Schema));
    }

    /// <summary>The columns that <see cref="Fit"/>'s transformer will add, by name and kind; the model is not read for it.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or holds no pictures.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _estimation.GetOutputSchema(inputSchema);
}
