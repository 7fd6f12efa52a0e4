using AlexNetMl.Imaging;
using AlexNetMl.Pipelines;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Trainers;

/// <summary>
/// A network that was trained here: the batched scorer of its ONNX file, and what training came to. It owns the ONNX Runtime session and, unless
/// <see cref="NetworkTrainerOptions.OutputFolder"/> named another place, the folder of its files: dispose it, or the chain it stands in, when its data views are no longer read.
/// </summary>
public sealed class NetworkTransformer : ITransformer, IDisposable
{
    private readonly IDisposable? _folder;

    internal NetworkTransformer(OnnxImageScoringTransformer scorer, TrainingOutcome training, string modelFolder, IDisposable? folder) =>
        (Scorer, Training, ModelFolder, _folder) = (scorer, training, modelFolder, folder);

    /// <summary>The scorer: what <c>mlContext.Transforms.ScoreOnnxImages(ModelFolder, …).Fit</c> gives.</summary>
    public OnnxImageScoringTransformer Scorer { get; }

    /// <summary>What was trained, how, and every epoch's figures.</summary>
    public TrainingOutcome Training { get; }

    /// <summary>The folder of <c>model.onnx</c>, <c>labels.txt</c>, <c>preprocessor_config.json</c> and the model card.</summary>
    public string ModelFolder { get; }

    /// <summary>The names of the classes, in the order of the label's keys, of <c>Score</c>'s slots and of <c>PredictedLabel</c>'s keys.</summary>
    public IReadOnlyList<string> Labels => Scorer.Labels;

    /// <summary>How a picture becomes the network's input.</summary>
    public ImagePreprocessing Preprocessing => Scorer.Preprocessing;

    /// <summary>The ONNX Runtime execution provider that scores, such as <c>CPUExecutionProvider</c>.</summary>
    public string Provider => Scorer.Provider;

    bool ITransformer.IsRowToRowMapper => ((ITransformer)Scorer).IsRowToRowMapper;

    /// <summary>The schema of what <see cref="Transform"/> makes of data with this schema.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of pictures is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Scorer.GetOutputSchema(inputSchema);

    /// <summary>Adds <c>Score</c> and <c>PredictedLabel</c> to a data view, which needs no label column. Nothing is read before a cursor asks for it.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A data view that is valid until this transformer is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column of pictures is missing or of another type.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input) => Scorer.Transform(input);

    /// <summary>Ends the session and deletes the folder of the files, if it is a temporary one.</summary>
    public void Dispose()
    {
        Scorer.Dispose();
        _folder?.Dispose();
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => ((ITransformer)Scorer).GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)Scorer).Save(ctx);
}
