using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>One network in ONNX Runtime, checked to take batches of pictures and give a score per label. Safe for concurrent use.</summary>
internal sealed class ImageNetworkSession : IDisposable
{
    private const string ScoreName = "Score";

    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _output;
    private readonly PixelLayout _layout;
    private readonly int _classes;
    private readonly string _path;
    private readonly object _gate = new();
    private int _running;
    private bool _disposed;

    private ImageNetworkSession(InferenceSession session, ImageModelFiles files, string provider, string? fallbackReason)
    {
        _session = session;
        _path = files.ModelPath;
        _layout = files.Layout;
        _classes = files.Labels.Count;
        _input = FindInput();
        _output = FindOutput();
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

    public static ImageNetworkSession Open(ImageModelFiles files, OnnxImageScorerOptions options)
    {
        InferenceSession session = OnnxSessions.Create(
            files.ModelPath, options.Device, options.RuntimeThreads, out string provider, out string? fallbackReason);
        try
        {
            var network = new ImageNetworkSession(session, files, provider, fallbackReason);
            if (options.CheckGoldenRows && files.Metadata.GoldenRowsJson is { } json)
            {
                GoldenRowCheck.Run(session, files, json, provider).ThrowIfFailed(files.ModelPath);
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
    public static void Validate(InferenceSession session, ImageModelFiles files) => _ = new ImageNetworkSession(session, files, string.Empty, null);

    /// <summary>Runs one batch.</summary>
    /// <param name="pixels">Makes the input of <paramref name="rows"/> pictures.</param>
    /// <param name="rows">One or more.</param>
    /// <param name="cancellationToken">Ends the run early, within an operator's time.</param>
    /// <returns>Scores, <c>[rows, classes]</c>, in an array of their own.</returns>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The session is closed.</exception>
    public float[] Run(Func<int, OrtValue> pixels, int rows, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            float[] scores = new float[rows * _classes];
            using OrtValue input = pixels(rows);
            using OrtValue output = OrtValue.CreateTensorValueFromMemory(scores, [rows, _classes]);
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using CancellationTokenRegistration registration = cancellationToken.Register(() => options.Terminate = true);
            _session.Run(options, [_input], [input], [_output], [output]);
            return scores;
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OnnxScoringException(
                $"ONNX Runtime failed on a batch of {rows} with '{_path}' on {Provider}: {e.Message} (if memory ran out, use a smaller BatchSize.)", e);
        }
        finally
        {
            Exit();
        }
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
        if (!outputs.ContainsKey(ScoreName) && outputs.Count != 1)
        {
            throw new OnnxScoringException(
                $"The model '{_path}' has {outputs.Count} outputs ({string.Join(", ", outputs.Keys)}) and none is named {ScoreName}: name the probabilities so.");
        }

        string name = outputs.ContainsKey(ScoreName) ? ScoreName : outputs.Keys.Single();
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
