using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Made by <see cref="OnnxBatchedCatalog"/>'s <c>ApplyOnnxModelBatched</c>. It learns nothing from the data: <see cref="Fit"/> loads the model.
/// </summary>
public sealed class OnnxBatchedEstimator : IEstimator<OnnxBatchedTransformer>
{
    private readonly TensorEstimation _estimation;
    private readonly IHost? _host;
    private TensorColumns? _columns;

    internal OnnxBatchedEstimator(TensorEstimation estimation, MLContext? context)
    {
        _estimation = estimation with { Options = estimation.Options with { Device = ContextDevice.Or(estimation.Options.Device, context) } };
        IHostEnvironment? environment = context;
        _host = environment?.Register("ApplyOnnxModelBatched");
    }

    /// <summary>The ONNX file.</summary>
    public string ModelFile => _estimation.ModelFile;

    /// <summary>Loads the model and checks the input columns. No row is read. The transformer owns the model: dispose it, or the chain it stands in.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of another type than the model's input.</exception>
    /// <exception cref="OnnxScoringException">
    /// The model is not there or damaged, has an input or output without a batch axis or an input with a second axis of unknown length, or the device asked for cannot be had.
    /// </exception>
    public OnnxBatchedTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxTensorModel model = OnnxTensorModel.Open(_estimation.ModelFile, _estimation.Options);
        try
        {
            var columns = new TensorColumns(model);
            columns.FindInputs(input.Schema, nameof(input));
            Report(model);
            return new OnnxBatchedTransformer(_estimation, model, columns);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The columns that <see cref="Fit"/>'s transformer will add, by name and kind. The model is opened for it, once.</summary>
    /// <param name="inputSchema">The columns that are there.</param>
    /// <returns>Those and the new ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of another type than the model's input.</exception>
    /// <exception cref="OnnxScoringException">As for <see cref="Fit"/>.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        if (_columns is null)
        {
            using OnnxTensorModel model = OnnxTensorModel.Open(_estimation.ModelFile, _estimation.Options with { Device = OnnxDevice.Cpu });
            _columns = new TensorColumns(model);
        }

        _columns.Check(inputSchema, nameof(inputSchema));
        return PromisedColumns.Extend(_estimation.Catalog, inputSchema, _columns.Added);
    }

    private void Report(OnnxTensorModel model)
    {
        if (_host is null)
        {
            return;
        }

        using IChannel channel = _host.Start("Fit");
        channel.Info(MessageSensitivity.None, $"{model.ModelPath}: {model.Provider}, batches of {_estimation.BatchSize}");
        if (model.FallbackReason is { } reason)
        {
            channel.Warning(MessageSensitivity.None, reason);
        }
    }
}
