using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>
/// A loaded ONNX model that scores the rows of a data view in batches. It owns the ONNX Runtime session: dispose it, or the
/// <see cref="TransformerChain{TLastTransformer}"/> it stands in, when what was made by it is no longer read.
/// </summary>
/// <remarks>
/// <see cref="Transform"/> is lazy, and nothing is computed unless one of the added columns is among those that a cursor is asked for. If one is, the input is read ahead, a
/// few batches at most, and the other columns' values are kept until their row is delivered; so what stands before is computed once. Only a column whose values may not be kept
/// beyond their row (an image) is read by a second cursor when it is asked for itself, and then the input must give the same rows in the same order each time. In a
/// <see cref="PredictionEngine{TSrc,TDst}"/> rows are scored one by one.
/// </remarks>
public abstract class BatchedOnnxTransformer : ITransformer, IDisposable
{
    private readonly IBatchedMapping _mapping;

    private protected BatchedOnnxTransformer(IBatchedMapping mapping) => _mapping = mapping;

    /// <summary>The ONNX file that was loaded.</summary>
    public abstract string ModelPath { get; }

    /// <summary>The ONNX Runtime execution provider that is really used, such as <c>CPUExecutionProvider</c>.</summary>
    public abstract string Provider { get; }

    /// <summary>Why another provider than the one asked for is used; null when it is the one asked for.</summary>
    public abstract string? FallbackReason { get; }

    /// <summary>True: a <see cref="PredictionEngine{TSrc,TDst}"/> scores single rows.</summary>
    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The schema of what <see cref="Transform"/> makes of data with this schema.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of a type that does not fit.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _mapping.OutputSchema(inputSchema);
    }

    /// <summary>Adds the new columns to a data view. Nothing is read or scored before a cursor asks for it.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A data view that is valid until this transformer is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of a type that does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _mapping.Transform(input);
    }

    /// <summary>Releases the ONNX Runtime session.</summary>
    public void Dispose()
    {
        _mapping.Dispose();
        DisposeFile();
        GC.SuppressFinalize(this);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _mapping.RowMapper(inputSchema);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    private protected abstract void Save(ModelSaveContext ctx);

    private protected virtual void DisposeFile()
    {
    }
}
