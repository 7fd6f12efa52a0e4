using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>A loaded ONNX model that scores the rows of a data view in batches: columns of its inputs' names in, columns of its outputs' names out.</summary>
public sealed class OnnxBatchedTransformer : BatchedOnnxTransformer
{
    private readonly TensorEstimation _estimation;
    private readonly OnnxTensorModel _model;

    internal OnnxBatchedTransformer(TensorEstimation estimation, OnnxTensorModel model, TensorColumns columns)
        : base(new BatchedMapping<TensorRow>(new TensorModel(model, columns, estimation.BatchSize))) => (_estimation, _model) = (estimation, model);

    /// <summary>The inputs' names, which are the columns'.</summary>
    public IReadOnlyList<string> InputColumns => [.. _model.Inputs.Select(port => port.Name)];

    /// <summary>The outputs' names.</summary>
    public IReadOnlyList<string> OutputColumns => [.. _model.Outputs.Select(port => port.Name)];

    /// <summary>Rows in one call of ONNX Runtime.</summary>
    public int BatchSize => _estimation.BatchSize;

    /// <inheritdoc/>
    public override string ModelPath => _model.ModelPath;

    /// <inheritdoc/>
    public override string Provider => _model.Provider;

    /// <inheritdoc/>
    public override string? FallbackReason => _model.FallbackReason;

    private protected override void Save(ModelSaveContext ctx) => SavedTensors.Save(_estimation, _model, ctx);

    private protected override void DisposeFile() => _estimation.File?.Dispose();
}
