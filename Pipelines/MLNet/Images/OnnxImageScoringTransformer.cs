using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>A loaded ONNX network that scores the pictures of a data view.</summary>
/// <remarks>
/// Pictures are decoded on worker threads. A picture that cannot be read stops the enumeration in <c>MoveNext</c>, or marks its row, as
/// <see cref="OnnxImageScorerOptions.OnInvalidImage"/> says. <c>mlContext.Model.Save</c> writes it as transformers of plain ML.NET, which load and run without this library;
/// <see cref="BatchedModelOperations.LoadBatched(ModelOperationsCatalog, string, out DataViewSchema, OnnxDevice, MLContext)"/> makes this scorer of them again.
/// </remarks>
public sealed class OnnxImageScoringTransformer : BatchedOnnxTransformer
{
    private readonly LoadedImages _loaded;
    private readonly IDisposable? _file;

    internal OnnxImageScoringTransformer(LoadedImages loaded, IDisposable? file = null)
        : base(new BatchedMapping<ImageScore>(loaded.Model)) => (_loaded, _file) = (loaded, file);

    /// <summary>The column that holds each row's picture.</summary>
    public string InputColumn => _loaded.InputColumn;

    /// <inheritdoc/>
    public override string ModelPath => _loaded.Scorer.ModelPath;

    /// <summary>The names of the classes, in the order of <c>Score</c>'s slots and of <c>PredictedLabel</c>'s keys.</summary>
    public IReadOnlyList<string> Labels => _loaded.Scorer.Labels;

    /// <summary>How a picture becomes the network's input.</summary>
    public ImagePreprocessing Preprocessing => _loaded.Scorer.Preprocessing;

    /// <summary>Batch size and the other options that it was made with.</summary>
    public OnnxImageScorerOptions Options => _loaded.Options;

    /// <inheritdoc/>
    public override string Provider => _loaded.Scorer.Provider;

    /// <inheritdoc/>
    public override string? FallbackReason => _loaded.Scorer.FallbackReason;

    private protected override void Save(ModelSaveContext ctx) => SavedImages.Save(_loaded, ctx);

    private protected override void DisposeFile() => _file?.Dispose();
}
