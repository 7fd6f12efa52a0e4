using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace Microsoft.ML;

/// <summary>
/// ONNX models over columns. Without column names all inputs and outputs of the model are taken; shapes overwrite those of the file. Where no device is given,
/// it is the context's; it is not saved with a model.
/// </summary>
public static class OnnxCatalog
{
    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [], [], modelFile, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [], [], modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [outputColumnName], [inputColumnName], modelFile, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [outputColumnName], [inputColumnName], modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelFile, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false, int recursionLimit = 100)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelFile, shapeDictionary, gpuDeviceId, fallbackToCpu, recursionLimit);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [], [], modelBytes, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [], [], modelBytes, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [outputColumnName], [inputColumnName], modelBytes, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, [outputColumnName], [inputColumnName], modelBytes, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelBytes, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelBytes, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(
        this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false, int recursionLimit = 100)
        => Apply(catalog, outputColumnNames, inputColumnNames, modelBytes, shapeDictionary, gpuDeviceId, fallbackToCpu, recursionLimit);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, OnnxOptions options)
    {
        Errors.NotNull(options, nameof(options));
        OnnxSettings settings = Settings(catalog, options.ShapeDictionary, options.GpuDeviceId, options.FallbackToCpu, options.RecursionLimit) with
        {
            InterOpNumThreads = options.InterOpNumThreads,
            IntraOpNumThreads = options.IntraOpNumThreads,
        };
        return FromFile(options.OutputColumns ?? [], options.InputColumns ?? [], options.ModelFile, settings);
    }

    private static OnnxScoringEstimator Apply(
        TransformsCatalog catalog, string[] outputs, string[] inputs, string file, IDictionary<string, int[]> shapes, int? gpu, bool fallback, int recursionLimit = 100)
        => FromFile(outputs, inputs, file, Settings(catalog, shapes, gpu, fallback, recursionLimit));

    private static OnnxScoringEstimator Apply(
        TransformsCatalog catalog, string[] outputs, string[] inputs, Stream model, IDictionary<string, int[]> shapes, int? gpu, bool fallback, int recursionLimit = 100)
    {
        Errors.NotNull(model, "modelBytes");
        using var copy = new MemoryStream();
        model.Seek(0, SeekOrigin.Begin);
        model.CopyTo(copy);
        return new(new OnnxTransformer(copy.ToArray(), null, outputs, inputs, Settings(catalog, shapes, gpu, fallback, recursionLimit)));
    }

    private static OnnxScoringEstimator FromFile(string[] outputs, string[] inputs, string file, OnnxSettings settings)
    {
        Errors.Require(!string.IsNullOrWhiteSpace(file), "ModelFile", "ModelFile cannot be null or white space");
        if (!File.Exists(file))
        {
            throw new IOException($"Model file {file} does not exists.");
        }
        return new(new OnnxTransformer(File.ReadAllBytes(file), file, outputs, inputs, settings));
    }

    private static OnnxSettings Settings(TransformsCatalog catalog, IDictionary<string, int[]> shapes, int? gpu, bool fallback, int recursionLimit)
    {
        // The device of the call, with its own fallback; the context's otherwise, with the context's.
        var context = (IHostEnvironmentInternal)catalog.GetEnvironment();
        return new OnnxSettings
        {
            GpuDeviceId = gpu ?? context.GpuDeviceId,
            FallbackToCpu = gpu is null ? context.FallbackToCpu : fallback,
            Shapes = shapes is null ? new Dictionary<string, int[]>() : new Dictionary<string, int[]>(shapes),
            RecursionLimit = recursionLimit,
        };
    }
}
