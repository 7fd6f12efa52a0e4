using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>A loaded ONNX network that shows what one of its inner layers says about the pictures of a data view.</summary>
public sealed class OnnxImageFeaturesTransformer : BatchedOnnxTransformer
{
    private readonly LoadedImages _loaded;
    private readonly IDisposable? _file;

    internal OnnxImageFeaturesTransformer(LoadedImages loaded, IDisposable? file = null)
        : base(new BatchedMapping<ImageScore>(loaded.Model)) => (_loaded, _file) = (loaded, file);

    /// <summary>The column that holds each row's picture.</summary>
    public string InputColumn => _loaded.InputColumn;

    /// <summary>The vector column of features.</summary>
    public string OutputColumn => _loaded.Features!;

    /// <summary>The layer whose numbers they are.</summary>
    public string Layer => _loaded.Options.Layer!;

    /// <summary>Numbers in one row.</summary>
    public int Length => _loaded.Scorer.FeatureLength;

    /// <inheritdoc/>
    public override string ModelPath => _loaded.Scorer.ModelPath;

    /// <summary>How a picture becomes the network's input.</summary>
    public ImagePreprocessing Preprocessing => _loaded.Scorer.Preprocessing;

    /// <inheritdoc/>
    public override string Provider => _loaded.Scorer.Provider;

    /// <inheritdoc/>
    public override string? FallbackReason => _loaded.Scorer.FallbackReason;

    private protected override void Save(ModelSaveContext ctx) => SavedImages.Save(_loaded, ctx);

    private protected override void DisposeFile() => _file?.Dispose();
}
