using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>What <c>ApplyOnnxModelBatched</c> was called with.</summary>
internal sealed record TensorEstimation
{
    public required TransformsCatalog Catalog { get; init; }

    public required string ModelFile { get; init; }

    public required int BatchSize { get; init; }

    public required OnnxTensorModelOptions Options { get; init; }

    /// <summary>A file of the transformer's own, which goes away with it; null where the model file is somebody else's.</summary>
    public TemporaryModel? File { get; init; }

    /// <summary>A file of the estimator's, which goes away when neither it nor any of its transformers is left.</summary>
    public TemporaryModel? Shared { get; init; }
}
