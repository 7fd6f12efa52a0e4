using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;

namespace Microsoft.ML;

/// <summary>ML.NET's <c>ApplyOnnxModel</c>, in batches.</summary>
public static class OnnxBatchedCatalog
{
    /// <summary>Rows in one call of ONNX Runtime unless told otherwise.</summary>
    public const int DefaultBatchSize = 64;

    /// <summary>
    /// Scores any ONNX model whose inputs and outputs have the batch as their first axis, <paramref name="batchSize"/> rows at a time: a drop-in for <c>ApplyOnnxModel</c>, which
    /// runs one row at a time. All inputs are read from columns of their names, all outputs become columns of theirs.
    /// </summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="modelFile">The ONNX file.</param>
    /// <param name="gpuDeviceId">An NVIDIA GPU's number; null for the context's, or else the processor.</param>
    /// <param name="fallbackToCpu">Whether the processor serves where that GPU does not; otherwise it is an error that says what is missing.</param>
    /// <param name="batchSize">Rows in one call of ONNX Runtime.</param>
    /// <param name="context">Where to log, and whose <see cref="MLContext.GpuDeviceId"/> to take where none is given; null for neither.</param>
    /// <returns>
    /// An estimator whose output has the model's outputs more than its input, each a vector as ML.NET's own transformer gives it: <c>Vector&lt;T, 1, ...&gt;</c>, the axes behind
    /// the batch after a 1, with slot names where the file has them; of variable length where only a run tells it.
    /// </returns>
    /// <remarks>Inputs and outputs may be float, double, whole numbers, booleans or texts. A model without a batch axis, or with a second axis of unknown length for which no shape
    /// is given, is refused by <c>Fit</c>.</remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is not positive.</exception>
    public static OnnxBatchedEstimator ApplyOnnxModelBatched(this TransformsCatalog catalog, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false,
        int batchSize = DefaultBatchSize, MLContext? context = null)
        => Estimator(catalog, null, null, modelFile, null, gpuDeviceId, fallbackToCpu, batchSize, context);

    /// <summary>The same, with shapes for inputs that have axes of unknown length behind the batch.</summary>
    /// <inheritdoc cref="ApplyOnnxModelBatched(TransformsCatalog, string, int?, bool, int, MLContext)"/>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="modelFile">The ONNX file.</param>
    /// <param name="shapeDictionary">An input's name and the lengths of its axes; the first is the batch's, and not looked at.</param>
    /// <param name="gpuDeviceId">An NVIDIA GPU's number; null for the context's, or else the processor.</param>
    /// <param name="fallbackToCpu">Whether the processor serves where that GPU does not.</param>
    /// <param name="batchSize">Rows in one call of ONNX Runtime.</param>
    /// <param name="context">Where to log, and whose device to take.</param>
    public static OnnxBatchedEstimator ApplyOnnxModelBatched(this TransformsCatalog catalog, string modelFile, IDictionary<string, int[]> shapeDictionary,
        int? gpuDeviceId = null, bool fallbackToCpu = false, int batchSize = DefaultBatchSize, MLContext? context = null)
        => Estimator(catalog, null, null, modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu, batchSize, context);

    /// <summary>The same, with one output and one input.</summary>
    /// <inheritdoc cref="ApplyOnnxModelBatched(TransformsCatalog, string, int?, bool, int, MLContext)"/>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="outputColumnName">The output's name, which the new column gets.</param>
    /// <param name="inputColumnName">The input's name, which is the column's.</param>
    /// <param name="modelFile">The ONNX file.</param>
    /// <param name="gpuDeviceId">An NVIDIA GPU's number; null for the context's, or else the processor.</param>
    /// <param name="fallbackToCpu">Whether the processor serves where that GPU does not.</param>
    /// <param name="batchSize">Rows in one call of ONNX Runtime.</param>
    /// <param name="context">Where to log, and whose device to take.</param>
    public static OnnxBatchedEstimator ApplyOnnxModelBatched(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, string modelFile,
        int? gpuDeviceId = null, bool fallbackToCpu = false, int batchSize = DefaultBatchSize, MLContext? context = null)
        => Estimator(catalog, [outputColumnName], [inputColumnName], modelFile, null, gpuDeviceId, fallbackToCpu, batchSize, context);

    /// <summary>The same, with some of the outputs, and shapes for inputs that need them.</summary>
    /// <inheritdoc cref="ApplyOnnxModelBatched(TransformsCatalog, string, int?, bool, int, MLContext)"/>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="outputColumnNames">The outputs that are wanted; their names are the new columns'.</param>
    /// <param name="inputColumnNames">All inputs; their names are the columns'.</param>
    /// <param name="modelFile">The ONNX file.</param>
    /// <param name="shapeDictionary">An input's name and the lengths of its axes; the first is the batch's, and not looked at. Null for none.</param>
    /// <param name="gpuDeviceId">An NVIDIA GPU's number; null for the context's, or else the processor.</param>
    /// <param name="fallbackToCpu">Whether the processor serves where that GPU does not.</param>
    /// <param name="batchSize">Rows in one call of ONNX Runtime.</param>
    /// <param name="context">Where to log, and whose device to take.</param>
    public static OnnxBatchedEstimator ApplyOnnxModelBatched(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile,
        IDictionary<string, int[]>? shapeDictionary = null, int? gpuDeviceId = null, bool fallbackToCpu = false, int batchSize = DefaultBatchSize, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(outputColumnNames);
        ArgumentNullException.ThrowIfNull(inputColumnNames);
        return Estimator(catalog, outputColumnNames, inputColumnNames, modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu, batchSize, context);
    }

    /// <summary>The same, with the model's bytes.</summary>
    /// <inheritdoc cref="ApplyOnnxModelBatched(TransformsCatalog, string, int?, bool, int, MLContext)"/>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="modelBytes">The content of an ONNX file; it is read to its end now.</param>
    /// <param name="shapeDictionary">An input's name and the lengths of its axes; the first is the batch's, and not looked at. Null for none.</param>
    /// <param name="gpuDeviceId">An NVIDIA GPU's number; null for the context's, or else the processor.</param>
    /// <param name="fallbackToCpu">Whether the processor serves where that GPU does not.</param>
    /// <param name="batchSize">Rows in one call of ONNX Runtime.</param>
    /// <param name="context">Where to log, and whose device to take.</param>
    public static OnnxBatchedEstimator ApplyOnnxModelBatched(this TransformsCatalog catalog, Stream modelBytes, IDictionary<string, int[]>? shapeDictionary = null,
        int? gpuDeviceId = null, bool fallbackToCpu = false, int batchSize = DefaultBatchSize, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(modelBytes);
        TemporaryModel file = TemporaryModel.Create(modelBytes);
        return Estimator(catalog, null, null, file.Path, shapeDictionary, gpuDeviceId, fallbackToCpu, batchSize, context, file);
    }

    private static OnnxBatchedEstimator Estimator(TransformsCatalog catalog, string[]? outputs, string[]? inputs, string modelFile, IDictionary<string, int[]>? shapes,
        int? gpuDeviceId, bool fallbackToCpu, int batchSize, MLContext? context, TemporaryModel? shared = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelFile);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        foreach (string name in (outputs ?? []).Concat(inputs ?? []))
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        }

        var options = new OnnxTensorModelOptions
        {
            Inputs = inputs,
            Outputs = outputs,
            Shapes = shapes is null ? null : new Dictionary<string, int[]>(shapes),
            Device = gpuDeviceId is { } device ? OnnxDevice.Cuda(device, fallbackToCpu) : null,
        };
        return new OnnxBatchedEstimator(
            new TensorEstimation { Catalog = catalog, ModelFile = modelFile, BatchSize = batchSize, Options = options, Shared = shared }, context);
    }
}
