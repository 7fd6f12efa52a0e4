using System.Collections.Concurrent;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Predicts single rows for any number of threads at once. ML.NET's <see cref="PredictionEngine{TSrc,TDst}"/> serves one thread; here each call borrows one, and as many are made as calls
/// ever run side by side. All share the model.
/// </summary>
/// <typeparam name="TSrc">The class of an input row.</typeparam>
/// <typeparam name="TDst">The class of an output row.</typeparam>
/// <example>
/// <code>
/// using var engine = ml.Model.CreateConcurrentPredictionEngine&lt;Photo, Prediction&gt;(model);
/// app.MapPost("/classify", (Photo photo) => engine.Predict(photo));
/// </code>
/// </example>
public sealed class ConcurrentPredictionEngine<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ConcurrentBag<PredictionEngine<TSrc, TDst>> _idle = [];
    private readonly ModelOperationsCatalog _operations;
    private readonly ITransformer _transformer;
    private readonly bool _ownsTransformer;
    private readonly PredictionEngineOptions _options;
    private volatile bool _disposed;

    internal ConcurrentPredictionEngine(ModelOperationsCatalog operations, ITransformer transformer, bool ownsTransformer, bool ignoreMissingColumns)
    {
        _operations = operations;
        _transformer = transformer;
        _ownsTransformer = ownsTransformer;
        _options = new PredictionEngineOptions { OwnsTransformer = false, IgnoreMissingColumns = ignoreMissingColumns };

        // Classes that do not fit the model are told here, not by the first prediction.
        _idle.Add(Create());
    }

    /// <summary>Scores one row.</summary>
    /// <param name="example">The row.</param>
    /// <returns>A row of its own, which no later call changes.</returns>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public TDst Predict(TSrc example)
    {
        ArgumentNullException.ThrowIfNull(example);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out PredictionEngine<TSrc, TDst>? engine))
        {
            engine = Create();
        }

        try
        {
            return engine.Predict(example);
        }
        finally
        {
            _idle.Add(engine);
            if (_disposed)
            {
                DisposeIdle();
            }
        }
    }

    /// <summary>Disposes the engines, and the model where it is owned. Calls that are running end by themselves.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        DisposeIdle();
        if (_ownsTransformer)
        {
            (_transformer as IDisposable)?.Dispose();
        }
    }

    private PredictionEngine<TSrc, TDst> Create() => _operations.CreatePredictionEngine<TSrc, TDst>(_transformer, _options);

    private void DisposeIdle()
    {
        while (_idle.TryTake(out PredictionEngine<TSrc, TDst>? engine))
        {
            engine.Dispose();
        }
    }
}
