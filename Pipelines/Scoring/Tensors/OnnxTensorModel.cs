using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>Any ONNX model whose inputs and outputs have the batch as their first axis: rows in, rows out, a batch at a time. For any number of threads at once.</summary>
public sealed class OnnxTensorModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly Lock _gate = new();
    private int _running;
    private bool _disposed;

    private OnnxTensorModel(string path, InferenceSession session, OnnxTensorModelOptions options, string provider, string? fallbackReason)
    {
        ModelPath = path;
        Provider = provider;
        FallbackReason = fallbackReason;
        _session = session;
        _inputNames = [.. options.Inputs ?? [.. session.InputMetadata.Keys]];
        _outputNames = [.. options.Outputs ?? [.. session.OutputMetadata.Keys]];
        foreach (string given in options.Shapes?.Keys ?? [])
        {
            Find(session.InputMetadata, "input", given);
        }

        Inputs = [.. _inputNames.Select(name
            => TensorPort.Input(path, name, Find(session.InputMetadata, "input", name), options.Shapes?.GetValueOrDefault(name)))];
        Outputs = [.. _outputNames.Select(name => TensorPort.Output(path, name, Find(session.OutputMetadata, "output", name)))];
        if (session.InputMetadata.Keys.Except(_inputNames, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new OnnxScoringException($"The input '{missing}' of '{path}' is not given: name a column for each of {Names(session.InputMetadata.Keys)}.");
        }
    }

    /// <summary>The .onnx file.</summary>
    public string ModelPath { get; }

    /// <summary>What goes in, in the order in which <see cref="Run"/> takes it.</summary>
    public IReadOnlyList<TensorPort> Inputs { get; }

    /// <summary>What comes out, in the order in which <see cref="Run"/> gives it.</summary>
    public IReadOnlyList<TensorPort> Outputs { get; }

    /// <summary>The ONNX Runtime provider in use, such as <c>CPUExecutionProvider</c>.</summary>
    public string Provider { get; }

    /// <summary>Why the processor serves although CUDA was asked for; null otherwise.</summary>
    public string? FallbackReason { get; }

    /// <summary>Opens a model and checks its inputs and outputs.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="OnnxScoringException">
    /// No model there or a damaged one, an input or output that it does not have, that has no batch axis, or (inputs) a second axis of unknown length; or CUDA
    /// was asked for and does not start.
    /// </exception>
    public static OnnxTensorModel Open(string path, OnnxTensorModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxTensorModelOptions();
        InferenceSession session = OnnxSessions.Create(path, options.Device, options.Threads, out string provider, out string? fallbackReason);
        try
        {
            return new OnnxTensorModel(path, session, options, provider, fallbackReason);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs one batch.</summary>
    /// <param name="inputs">For each of <see cref="Inputs"/> an array of its element type, at least rows × row length long.</param>
    /// <param name="rows">Rows in the batch, at least 1.</param>
    /// <param name="cancellationToken">Ends the run early, within an operator's time.</param>
    /// <returns>For each of <see cref="Outputs"/> an array of its element type, rows × row length long.</returns>
    /// <exception cref="ArgumentException">An array is missing, too short or of another type.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed, or an output has another number of rows than the input.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Array[] Run(IReadOnlyList<Array> inputs, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (inputs.Count != Inputs.Count)
        {
            throw new ArgumentException($"{inputs.Count} arrays were given for {Inputs.Count} inputs.", nameof(inputs));
        }

        Enter();
        var values = new OrtValue?[inputs.Count];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = TensorValues.ToOrt(Inputs[i], inputs[i], rows);
            }

            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using CancellationTokenRegistration registration = cancellationToken.Register(() => run.Terminate = true);
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(run, _inputNames, values!, _outputNames);
            return [.. outputs.Select((output, i) => TensorValues.FromOrt(ModelPath, Outputs[i], output, rows))];
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OnnxScoringException($"ONNX Runtime failed on a batch of {rows} with '{ModelPath}' on {Provider}: {e.Message}", e);
        }
        finally
        {
            foreach (OrtValue? value in values)
            {
                value?.Dispose();
            }

            Exit();
        }
    }

    /// <summary>Closes the model as soon as no batch runs in it any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                CloseIfIdle();
            }
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _running++;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            _running--;
            CloseIfIdle();
        }
    }

    private void CloseIfIdle()
    {
        if (_disposed && _running == 0)
        {
            _session.Dispose();
        }
    }

    private NodeMetadata Find(IReadOnlyDictionary<string, NodeMetadata> all, string kind, string name) => all.TryGetValue(name, out NodeMetadata? value)
        ? value
        : throw new OnnxScoringException($"The model '{ModelPath}' has no {kind} '{name}'; it has {Names(all.Keys)}.");

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
