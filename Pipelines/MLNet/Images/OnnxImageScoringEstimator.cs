using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Made by <see cref="OnnxImageScoringCatalog.ScoreOnnxImages"/>. It learns nothing from the data: <see cref="Fit"/> loads the model.
/// </summary>
public sealed class OnnxImageScoringEstimator : IEstimator<OnnxImageScoringTransformer>
{
    private readonly ImageEstimation _estimation;

    internal OnnxImageScoringEstimator(
        TransformsCatalog catalog, string model, string inputColumn, OnnxImageScorerOptions? options, MLContext? context)
        => _estimation = new ImageEstimation(catalog, "ScoreOnnxImages", model, inputColumn, options, features: null, context);

    /// <summary>The ONNX file or folder, as it was given.</summary>
    public string Model => _estimation.Model;

    /// <summary>The column that holds each row's picture.</summary>
    public string InputColumn => _estimation.InputColumn;

    /// <summary>
    /// Loads the model and checks the input column. No row is read. The transformer owns the model: dispose it, or the chain it stands in,
    /// when its data views are no longer read.
    /// </summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or holds no pictures.</exception>
    /// <exception cref="OnnxScoringException">The model is not there, not usable, or the device asked for cannot be had.</exception>
    public OnnxImageScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new OnnxImageScoringTransformer(_estimation.Load(input.Schema));
    }

    /// <summary>The columns that <see cref="Fit"/>'s transformer will add, by name and kind; the model is not read for it.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or holds no pictures.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _estimation.GetOutputSchema(inputSchema);
}
