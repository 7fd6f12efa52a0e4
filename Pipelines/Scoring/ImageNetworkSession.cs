using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>One network in ONNX Runtime, checked to take batches of pictures and give a score per label. Safe for concurrent use.</summary>
internal sealed class ImageNetworkSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string[] _outputs;
    private readonly int[] _lengths;
    private readonly NetworkOutputs _asked;
    private readonly PixelLayout _layout;
    private readonly int _classes;
    private readonly string _path;
    private readonly object _gate = new();
    private int _running;
    private bool _disposed;

    private ImageNetworkSession(InferenceSession session, ImageModelFiles files, NetworkOutputs asked, string provider, string? fallbackReason)
    {
        _session = session;
        _path = files.ModelPath;
        _layout = files.Layout;
        _classes = files.Labels.Count;
        _input = FindInput();
        _asked = asked;
        string score = asked.Score ? FindOutput() : string.Empty;
        _outputs = [.. ((string[])[score, asked.Logits, asked.Features]).Where(name => name.Length > 0).Distinct()];
        _lengths = [.. _outputs.Select(name => name == score ? _classes : FindLength(name))];
        ScoreOutput = Array.IndexOf(_outputs, score);
        Provider = provider;
        FallbackReason = fallbackReason;
    }

    public string Provider { get; }

    public string? FallbackReason { get; }

    public bool IsDisposed
    {
        get
        {
            lock (_gate)
            {
                return _disposed;
            }
        }
    }

    /// <summary>What one picture is to the network.</summary>
    public PixelLayout Layout => _layout;

    /// <summary>Numbers of a picture in the inner layer that was asked for; 0 without one.</summary>
    public int FeatureLength => _asked.Features.Length == 0 ? 0 : _lengths[Array.IndexOf(_outputs, _asked.Features)];

    public string ScoreTensor => ScoreOutput < 0 ? string.Empty : _outputs[ScoreOutput];

    public string FeatureTensor => _asked.Features;

    private int ScoreOutput { get; }

    public static ImageNetworkSession Open(ImageModelFiles files, OnnxImageScorerOptions options)
    {
        NetworkOutputs asked = NetworkOutputs.Find(files, options);
        InferenceSession session = OnnxSessions.Create(
            files.ModelPath, asked.Expose(files.ModelPath), options.Device, options.RuntimeThreads, out string provider, out string? fallbackReason);
        try
        {
            var network = new ImageNetworkSession(session, files, asked, provider, fallbackReason);
            if (options.CheckGoldenRows && files.Metadata.GoldenRowsJson is { } json)
            {
                GoldenRowCheck.Run(session, files, json, provider, mostRows: 1).ThrowIfFailed(files.ModelPath);
            }

            return network;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Checks that a network takes batches of pictures and gives a score per label.</summary>
    /// <exception cref="OnnxScoringException">It does not.</exception>
    public static void Validate(InferenceSession session, ImageModelFiles files) => _ = new ImageNetworkSession(session, files, new NetworkOutputs(), string.Empty, null);

    /// <summary>Runs one batch.</summary>
    /// <param name="pixels">Makes the input of <paramref name="rows"/> pictures.</param>
    /// <param name="rows">One or more.</param>
    /// <param name="cancellationToken">Ends the run early, within an operator's time.</param>
    /// <returns>What was asked for, in arrays of their own.</returns>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The session is closed.</exception>
    public BatchOutputs Run(Func<int, OrtValue> pixels, int rows, CancellationToken cancellationToken)
    {
        Enter();
        float[][] values = [.. _lengths.Select(length => new float[(long)rows * length])];
        var outputs = new OrtValue?[values.Length];
        try
        {
            using OrtValue input = pixels(rows);
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = OrtValue.CreateTensorValueFromMemory(values[i], Shape(_outputs[i], rows, _lengths[i]));
            }

            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using CancellationTokenRegistration registration = cancellationToken.Register(() => options.Terminate = true);
            _session.Run(options, [_input], [input], _outputs, outputs!);
            return new BatchOutputs(Values(ScoreOutput), Values(Array.IndexOf(_outputs, _asked.Logits)), Values(Array.IndexOf(_outputs, _asked.Features)));
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OnnxScoringException(
                $"ONNX Runtime failed on a batch of {rows} with '{_path}' on {Provider}: {e.Message} (if memory ran out, use smaller batches)", e);
        }
        finally
        {
            foreach (OrtValue? output in outputs)
            {
                output?.Dispose();
            }

            Exit();
        }

        float[] Values(int output) => output < 0 ? [] : values[output];
    }

    /// <summary>Closes the session as soon as no batch runs in it any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                if (_running == 0)
                {
                    _session.Dispose();
                }
            }
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(OnnxImageScorer));
            _running++;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            if (--_running == 0 && _disposed)
            {
                _session.Dispose();
            }
        }
    }

    private string FindInput()
    {
        if (_session.InputMetadata.Count != 1)
        {
            throw new OnnxScoringException(
                $"The model '{_path}' has {_session.InputMetadata.Count} inputs ({string.Join(", ", _session.InputMetadata.Keys)}); a picture goes into one.");
        }

        (string name, NodeMetadata input) = _session.InputMetadata.Single();
        int[] shape = input.IsTensor ? input.Dimensions : [];
        if (!input.IsTensor || input.ElementType != (_layout.IsBytes ? typeof(byte) : typeof(float)) || shape.Length != 4)
        {
            string taken = _layout.IsBytes ? "uint8 [batch, side, side, 3], as its metadata says" : "float32 [batch, 3, side, side]";
            throw new OnnxScoringException($"The input '{name}' of '{_path}' is {Describe(input)}; pictures go in as {taken}.");
        }

        if (shape[0] > 0)
        {
            throw new OnnxScoringException(
                $"The input '{name}' of '{_path}' is {Describe(input)} and takes {shape[0]} pictures at a time, no more, no fewer: export the model with a dynamic first axis.");
        }

        int channels = shape[_layout.IsBytes ? 3 : 1];
        if (channels > 0 && channels != 3)
        {
            throw new OnnxScoringException($"The input '{name}' of '{_path}' is {Describe(input)} with {channels} channels in place of 3; pictures are RGB.");
        }

        foreach (int side in shape.AsSpan(_layout.IsBytes ? 1 : 2, 2))
        {
            if (side > 0 && side != _layout.Side)
            {
                throw new OnnxScoringException(
                    $"The input '{name}' of '{_path}' is {Describe(input)}, but the model's preprocessing crops to {_layout.Side} x "
                    + $"{_layout.Side}: one of the two belongs to another model.");
            }
        }

        return name;
    }

    private string FindOutput()
    {
        IReadOnlyDictionary<string, NodeMetadata> outputs = _session.OutputMetadata;
        if (!outputs.ContainsKey(NetworkOutputs.ScoreName) && outputs.Count != 1)
        {
            throw new OnnxScoringException(
                $"The model '{_path}' has {outputs.Count} outputs ({string.Join(", ", outputs.Keys)}) and none is named {NetworkOutputs.ScoreName}: name the probabilities so.");
        }

        string name = outputs.ContainsKey(NetworkOutputs.ScoreName) ? NetworkOutputs.ScoreName : outputs.Keys.Single();
        NodeMetadata output = outputs[name];
        int[] shape = output.IsTensor ? output.Dimensions : [];
        if (!output.IsTensor || output.ElementType != typeof(float) || shape.Length != 2 || shape[0] > 0)
        {
            throw new OnnxScoringException(
                $"The output '{name}' of '{_path}' is {Describe(output)}; scores come out as float32 [batch, classes] with a dynamic first axis.");
        }

        if (shape[1] > 0 && shape[1] != _classes)
        {
            throw new OnnxScoringException(
                $"The model '{_path}' gives {shape[1]} scores a picture but has {_classes} labels: there must be one label for each score, in the same order.");
        }

        return name;
    }

    private long[] Shape(string output, int rows, int length)
    {
        int[] axes = _session.OutputMetadata[output].Dimensions;
        return axes.Length > 2 ? [rows, .. axes.Skip(1).Select(axis => (long)axis)] : [rows, length];
    }

    // An inner tensor's axes are those that ONNX Runtime inferred.
    private int FindLength(string name)
    {
        NodeMetadata output = _session.OutputMetadata[name];
        int[] shape = output.IsTensor ? output.Dimensions : [];
        long length = shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        return output.IsTensor && output.ElementType == typeof(float) && shape.Length >= 2 && shape[0] <= 0 && shape.Skip(1).All(axis => axis > 0) && length <= int.MaxValue
            ? (int)length
            : throw new OnnxScoringException(
                $"The layer '{name}' of '{_path}' is {Describe(output)}; a row's numbers are taken from float32 [batch, ...] with fixed axes behind the batch.");
    }

    private static string Describe(NodeMetadata value)
    {
        if (!value.IsTensor)
        {
            return "not a tensor";
        }

        IEnumerable<string> axes = value.Dimensions.Select((length, axis) => length > 0 || value.SymbolicDimensions[axis].Length == 0
            ? length.ToString(CultureInfo.InvariantCulture)
            : value.SymbolicDimensions[axis]);
        return $"{value.ElementDataType} [{string.Join(", ", axes)}]";
    }
}
