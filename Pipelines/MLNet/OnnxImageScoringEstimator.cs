using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Made by <see cref="OnnxImageScoringCatalog.ScoreOnnxImages"/>. It learns nothing from the data: <see cref="Fit"/> loads the model.
/// </summary>
public sealed class OnnxImageScoringEstimator : IEstimator<OnnxImageScoringTransformer>
{
    private readonly TransformsCatalog _catalog;
    private readonly OnnxImageScorerOptions _options;
    private readonly IHost? _host;

    internal OnnxImageScoringEstimator(
        TransformsCatalog catalog, string model, string inputColumn, OnnxImageScorerOptions? options, MLContext? context)
    {
        _catalog = catalog;
        Model = model;
        InputColumn = inputColumn;
        _options = WithDevice(options ?? new OnnxImageScorerOptions(), context);
        IHostEnvironment? environment = context;
        _host = environment?.Register("ScoreOnnxImages");
    }

    /// <summary>The ONNX file or folder, as it was given.</summary>
    public string Model { get; }

    /// <summary>The text column that holds the path of each row's picture.</summary>
    public string InputColumn { get; }

    /// <summary>
    /// Loads the model and checks the input column. No row is read. The transformer owns the model: dispose it, or the chain it stands in,
    /// when its data views are no longer read.
    /// </summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or not text.</exception>
    /// <exception cref="OnnxScoringException">The model is not there, not usable, or the device asked for cannot be had.</exception>
    public OnnxImageScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextColumn.Find(input.Schema, InputColumn, nameof(input), TextColumn.PathRemedy);
        OnnxImageScorer scorer = OnnxImageScorer.Load(Model, _options);
        Report(scorer);
        return new OnnxImageScoringTransformer(scorer, InputColumn, _options.OnInvalidImage, _host);
    }

    /// <summary>The columns that <see cref="Fit"/>'s transformer will add, by name and kind; the model is not read for it.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumn.Check(inputSchema, InputColumn, nameof(inputSchema), TextColumn.PathRemedy);
        return ScoringSchemaShape.Extend(_catalog, inputSchema, _options.OnInvalidImage);
    }

    // ML.NET's own networks take the context's device when none is given at the call; so do ours.
    private static OnnxImageScorerOptions WithDevice(OnnxImageScorerOptions options, MLContext? context)
        => options.Device is null && context?.GpuDeviceId is int device
            ? options with { Device = OnnxDevice.Cuda(device, context.FallbackToCpu) }
            : options;

    private void Report(OnnxImageScorer scorer)
    {
        if (_host is null)
        {
            return;
        }
        using IChannel channel = _host.Start("Fit");
        channel.Info(
            MessageSensitivity.None,
            $"{scorer.ModelPath}: {scorer.Labels.Count} classes, {scorer.Provider}, batches of {_options.BatchSize}");
        if (scorer.DecoderNote is { } note)
        {
            channel.Info(MessageSensitivity.None, note);
        }
        if (scorer.FallbackReason is { } reason)
        {
            channel.Warning(MessageSensitivity.None, reason);
        }
    }
}
