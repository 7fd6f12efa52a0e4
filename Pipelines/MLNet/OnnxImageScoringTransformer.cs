using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>
/// A loaded ONNX network that scores the pictures of a data view. It owns the ONNX Runtime session: dispose it, or the
/// <see cref="TransformerChain{TLastTransformer}"/> it stands in, when the data views made by it are no longer read.
/// </summary>
/// <remarks>
/// <see cref="Transform"/> is lazy. Nothing is decoded unless <c>Score</c>, <c>PredictedLabel</c> or <c>Error</c> is among the columns
/// that a cursor is asked for. If one is, a second cursor runs ahead of the caller's over the input's path column, to fill batches
/// while the caller's own cursor serves the other columns. So the input is read twice at the same time, and must give the same rows in the
/// same order each time, as ML.NET asks of every data view; a path that differs between the two is an error. Shuffled cursors are not
/// offered. A picture that cannot be read stops the enumeration in <c>MoveNext</c>, or marks its row, as
/// <see cref="OnnxImageScorerOptions.OnInvalidImage"/> says.
/// </remarks>
public sealed class OnnxImageScoringTransformer : ITransformer, IDisposable
{
    private readonly OnnxImageScorer _scorer;
    private readonly InvalidImageHandling _handling;
    private readonly IHost? _host;
    private bool _disposed;

    internal OnnxImageScoringTransformer(OnnxImageScorer scorer, string inputColumn, InvalidImageHandling handling, IHost? host)
    {
        _scorer = scorer;
        _handling = handling;
        _host = host;
        InputColumn = inputColumn;
    }

    /// <summary>The text column that holds the path of each row's picture.</summary>
    public string InputColumn { get; }

    /// <summary>The ONNX file that was loaded.</summary>
    public string ModelPath => _scorer.ModelPath;

    /// <summary>The names of the classes, in the order of <c>Score</c>'s slots and of <c>PredictedLabel</c>'s keys.</summary>
    public IReadOnlyList<string> Labels => _scorer.Labels;

    /// <summary>How a picture becomes the network's input.</summary>
    public ImagePreprocessing Preprocessing => _scorer.Preprocessing;

    /// <summary>The ONNX Runtime execution provider that is really used, such as <c>CPUExecutionProvider</c>.</summary>
    public string Provider => _scorer.Provider;

    /// <summary>Why another provider than the one asked for is used; null when it is the one asked for.</summary>
    public string? FallbackReason => _scorer.FallbackReason;

    /// <summary>Always false so far: rows are scored in batches, so a single row cannot be mapped on its own.</summary>
    bool ITransformer.IsRowToRowMapper => false;

    /// <summary>The schema of what <see cref="Transform"/> makes of data with this schema.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringSchema(inputSchema, InputColumn, nameof(inputSchema), Labels, _handling).Output;
    }

    /// <summary>Adds the new columns to a data view. Nothing is read or scored before a cursor asks for it.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A data view that is valid until this transformer is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or not text.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ScoringSchema schema = new(input.Schema, InputColumn, nameof(input), Labels, _handling);
        return new OnnxImageScoringDataView(input, schema, _scorer, _host);
    }

    /// <summary>Releases the ONNX Runtime session.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _scorer.Dispose();
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
        => throw new InvalidOperationException("Pictures are scored in batches, so a single row cannot be mapped on its own: "
            + $"call Transform on a data view, or score single pictures with {nameof(OnnxImageScorer)}.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException("A batched ONNX scorer cannot be saved into an ML.NET model file: "
            + $"keep '{ModelPath}' and rebuild the pipeline with {nameof(OnnxImageScoringCatalog.ScoreOnnxImages)}.");
}
