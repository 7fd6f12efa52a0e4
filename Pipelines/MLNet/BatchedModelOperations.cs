using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What AlexNetMl adds to <c>mlContext.Model</c>.</summary>
public static class BatchedModelOperations
{
    /// <summary>
    /// Loads a model that <c>mlContext.Model.Save</c> wrote, with this library's batched transformers in the places where they stood. <c>mlContext.Model.Load</c> loads the same file
    /// as transformers of plain ML.NET, which score row by row.
    /// </summary>
    /// <param name="operations"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema of the data that the model was saved with.</param>
    /// <param name="device">Where networks run; it is not saved. Null for the context's device, or else the processor.</param>
    /// <param name="context">Where to log, and whose <see cref="MLContext.GpuDeviceId"/> to take; null for neither.</param>
    /// <returns>The model; dispose it when it is no longer used.</returns>
    /// <exception cref="OnnxScoringException">A network cannot be used, computes here what it did not compute where it was saved, or the device cannot be had.</exception>
    public static ITransformer LoadBatched(this ModelOperationsCatalog operations, string path, out DataViewSchema inputSchema, OnnxDevice? device = null, MLContext? context = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using FileStream stream = File.OpenRead(path);
        return LoadBatched(operations, stream, out inputSchema, device, context);
    }

    /// <inheritdoc cref="LoadBatched(ModelOperationsCatalog, string, out DataViewSchema, OnnxDevice, MLContext)"/>
    /// <param name="operations"><c>mlContext.Model</c>.</param>
    /// <param name="stream">The file's content; it can seek.</param>
    /// <param name="inputSchema">The schema of the data that the model was saved with.</param>
    /// <param name="device">Where networks run; it is not saved. Null for the context's device, or else the processor.</param>
    /// <param name="context">Where to log, and whose <see cref="MLContext.GpuDeviceId"/> to take; null for neither.</param>
    public static ITransformer LoadBatched(this ModelOperationsCatalog operations, Stream stream, out DataViewSchema inputSchema, OnnxDevice? device = null, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(stream);
        long start = stream.Position;
        ITransformer plain = operations.Load(stream, out inputSchema);
        stream.Position = start;
        IHostEnvironment? environment = context;
        try
        {
            return LoadedChain.Replace(
                plain, stream, (context ?? new MLContext()).Transforms, ContextDevice.Or(device, context), environment?.Register("LoadBatched"));
        }
        catch
        {
            (plain as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>A prediction engine that any number of threads may call at once.</summary>
    /// <typeparam name="TSrc">The class of an input row.</typeparam>
    /// <typeparam name="TDst">The class of an output row.</typeparam>
    /// <param name="operations"><c>mlContext.Model</c>.</param>
    /// <param name="transformer">The model. It stays the caller's unless <paramref name="ownsTransformer"/> is true.</param>
    /// <param name="ownsTransformer">Whether disposing the engine disposes the model.</param>
    /// <param name="ignoreMissingColumns">Whether columns that only the output class has are left at their defaults; otherwise they are an error.</param>
    /// <exception cref="ArgumentOutOfRangeException">The classes do not fit the model.</exception>
    public static ConcurrentPredictionEngine<TSrc, TDst> CreateConcurrentPredictionEngine<TSrc, TDst>(this ModelOperationsCatalog operations, ITransformer transformer,
        bool ownsTransformer = false, bool ignoreMissingColumns = true)
        where TSrc : class
        where TDst : class, new()
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(transformer);
        return new ConcurrentPredictionEngine<TSrc, TDst>(operations, transformer, ownsTransformer, ignoreMissingColumns);
    }
}
