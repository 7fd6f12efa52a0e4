using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>What the estimators over pictures have in common: the model is loaded by <c>Fit</c>, and the context hears where it runs.</summary>
internal sealed class ImageEstimation
{
    private readonly TransformsCatalog _catalog;
    private readonly OnnxImageScorerOptions _options;
    private readonly string? _features;
    private readonly IHost? _host;

    public ImageEstimation(
        TransformsCatalog catalog, string name, string model, string inputColumn, OnnxImageScorerOptions? options, string? features, MLContext? context)
    {
        _catalog = catalog;
        _features = features;
        Model = model;
        InputColumn = inputColumn;
        _options = options ?? new OnnxImageScorerOptions();
        _options = _options with { Device = ContextDevice.Or(_options.Device, context) };
        IHostEnvironment? environment = context;
        _host = environment?.Register(name);
    }

    public string Model { get; }

    public string InputColumn { get; }

    public LoadedImages Load(DataViewSchema schema)
    {
        DataViewSchema.Column column = PictureColumn.Find(schema, InputColumn, "input");
        OnnxImageScorer scorer = OnnxImageScorer.Load(Model, _options);
        return Loaded(_catalog, scorer, InputColumn, _options, _features, _host) with { ColumnType = column.Type };
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        PictureColumn.Check(inputSchema, InputColumn, nameof(inputSchema));
        return PromisedColumns.Extend(_catalog, inputSchema, ImageOutputs.Of(_options, _features).Columns([string.Empty, string.Empty], featureLength: 2));
    }

    public static LoadedImages Loaded(
        TransformsCatalog catalog, OnnxImageScorer scorer, string inputColumn, OnnxImageScorerOptions options, string? features, IHost? host)
    {
        if (host is not null)
        {
            using IChannel channel = host.Start("Fit");
            channel.Info(
                MessageSensitivity.None, $"{scorer.ModelPath}: {scorer.Labels.Count} classes, {scorer.Provider}, batches of {options.BatchSize}");
            if (scorer.DecoderNote is { } note)
            {
                channel.Info(MessageSensitivity.None, note);
            }

            if (scorer.FallbackReason is { } reason)
            {
                channel.Warning(MessageSensitivity.None, reason);
            }
        }

        var model = new ImageModel(scorer, inputColumn, ImageOutputs.Of(options, features), host);
        return new LoadedImages(catalog, scorer, model, inputColumn, options, features);
    }
}

/// <summary>A loaded image network and what it was loaded with.</summary>
internal sealed record LoadedImages(
    TransformsCatalog Catalog, OnnxImageScorer Scorer, ImageModel Model, string InputColumn, OnnxImageScorerOptions Options, string? Features)
{
    /// <summary>The type of the column that it was fitted on.</summary>
    public DataViewType ColumnType { get; init; } = TextDataViewType.Instance;
}
