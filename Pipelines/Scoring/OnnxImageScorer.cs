using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>
/// Scores pictures with an ONNX network: worker threads decode, ONNX Runtime computes full batches, results come in the order of the input.
/// One scorer serves any number of threads and enumerations at once.
/// </summary>
/// <example>
/// <code>
/// using var scorer = OnnxImageScorer.Load("models/fashion-alexnet");
/// foreach (ImageScore score in scorer.Score(Directory.EnumerateFiles("photos").Select(ImageInput.FromFile)))
/// {
///     Console.WriteLine($"{score.Source}: {scorer.Labels[score.BestClass]}");
/// }
/// </code>
/// </example>
public sealed class OnnxImageScorer : IDisposable
{
    // Two batches in memory: on two cores a third gained nothing (benchmark score: 97.3 and 97.5 % of what the cores can do).
    /// <summary>Batches that are read and decoded ahead of the one that is being scored.</summary>
    internal const int ReadAhead = 1;

    private readonly OnnxImageScorerOptions _options;
    private readonly ImageNetworkSession _network;
    private readonly IImageDecoder _decoder;
    private readonly Pool<PixelBuffer> _batches;
    private readonly Pool<Single> _singles;

    private OnnxImageScorer(ImageModelFiles files, ImageNetworkSession network, OnnxImageScorerOptions options)
    {
        _options = options;
        _network = network;
        _decoder = options.Decoder ?? ImageDecoders.For(files.Metadata.Decoder, options.Limits);
        _batches = new Pool<PixelBuffer>(() => new PixelBuffer(files.Layout, options.BatchSize), ReadAhead + 1);
        _singles = new Pool<Single>(() => new Single(new PixelBuffer(files.Layout, rows: 1), new ImageBuffer()), Environment.ProcessorCount);
        ModelPath = files.ModelPath;
        Labels = files.Labels;
        Preprocessing = files.Preprocessing;
        DecoderNote = files.Metadata.Decoder is not { } trained || ImageDecoders.AreAlike(trained, _decoder.Name)
            ? null
            : $"The model was trained on pictures decoded by {trained}; {_decoder.Name} decodes here, and JPEG pixels may differ by a few steps.";
    }

    /// <summary>The labels in the order of the scores.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Numbers of a picture in <see cref="OnnxImageScorerOptions.Layer"/>; 0 where none was asked for.</summary>
    public int FeatureLength => _network.FeatureLength;

    /// <summary>The name of the scores in the graph.</summary>
    internal string ScoreTensor => _network.ScoreTensor;

    /// <summary>The name of the layer's tensor in the graph.</summary>
    internal string FeatureTensor => _network.FeatureTensor;

    /// <summary>How a picture becomes the network's input.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>The .onnx file.</summary>
    public string ModelPath { get; }

    /// <summary>The ONNX Runtime provider in use, such as <c>CPUExecutionProvider</c>.</summary>
    public string Provider => _network.Provider;

    /// <summary>Why the processor serves although CUDA was asked for; null otherwise.</summary>
    public string? FallbackReason => _network.FallbackReason;

    /// <summary>A remark for logs where the model was trained on another decoder's pixels than this process makes; null otherwise.</summary>
    public string? DecoderNote { get; }

    /// <summary>The codecs that decode here.</summary>
    internal string DecoderName => _decoder.Name;

    /// <summary>Opens a model and checks that it, its labels and its preprocessing fit together.</summary>
    /// <param name="modelPathOrFolder">An .onnx file, or a folder with <c>model.onnx</c> in it.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="OnnxScoringException">
    /// No model there, a damaged one, one without labels or preprocessing in its metadata and beside it, one that does not take batches of pictures,
    /// or CUDA was asked for and does not start.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static OnnxImageScorer Load(string modelPathOrFolder, OnnxImageScorerOptions? options = null)
    {
        options ??= new OnnxImageScorerOptions();
        options.Validate();
        ImageModelFiles files = ImageModelFiles.Read(modelPathOrFolder, labelled: !options.FeaturesOnly);
        int side = files.Layout.Side;
        long bytes = Math.Max((files.Layout.IsBytes ? sizeof(byte) : sizeof(float)) * 3L * side * side, sizeof(float) * (long)files.Labels.Count) * options.BatchSize;
        if (bytes > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.BatchSize,
                $"A batch of {options.BatchSize} pictures of {side} x {side} with {files.Labels.Count} scores each takes {bytes} bytes; "
                + $"at most {int.MaxValue} are possible, so use a smaller {nameof(options.BatchSize)}.");
        }

        return new OnnxImageScorer(files, ImageNetworkSession.Open(files, options), options);
    }

    /// <summary>Reads a model's labels only: the network is not opened and its weights are skipped.</summary>
    /// <param name="modelPathOrFolder">An .onnx file, or a folder with <c>model.onnx</c> in it.</param>
    /// <returns>The labels in the order of the scores.</returns>
    /// <exception cref="OnnxScoringException">No model there, a damaged one, or one without labels or preprocessing.</exception>
    public static IReadOnlyList<string> ReadLabels(string modelPathOrFolder) => ImageModelFiles.Read(modelPathOrFolder).Labels;

    /// <summary>
    /// Scores pictures, lazily: nothing is read before the first row is asked for, and never more than two batches beyond the batch that is being
    /// delivered. The input is enumerated on the caller's thread. Stopping early (leaving a <c>foreach</c>) ends the workers.
    /// </summary>
    /// <param name="images">The pictures. An exception they throw is thrown on after the rows before it.</param>
    /// <param name="cancellationToken">Ends the enumeration, also within a batch.</param>
    /// <returns>
    /// One row for each picture, in order. A row's numbers are those of one ONNX Runtime call on its batch: the pictures are cut into batches of
    /// <see cref="OnnxImageScorerOptions.BatchSize"/>, the last one as short as it comes.
    /// </returns>
    /// <exception cref="ImageFormatException">Under <see cref="InvalidImageHandling.Stop"/>: a picture cannot be decoded; names path and row.</exception>
    /// <exception cref="FileNotFoundException">Under <see cref="InvalidImageHandling.Stop"/>: a picture is missing; names path and row.</exception>
    /// <exception cref="IOException">Under <see cref="InvalidImageHandling.Stop"/>: a picture cannot be read; names path and row.</exception>
    /// <exception cref="UnauthorizedAccessException">Under <see cref="InvalidImageHandling.Stop"/>: a picture may not be read; names path and row.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public IEnumerable<ImageScore> Score(IEnumerable<ImageInput> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ObjectDisposedException.ThrowIf(_network.IsDisposed, this);
        return Enumerate(images, cancellationToken);
    }

    /// <summary>Scores a single picture on the caller's own thread: nothing is started, nothing is kept. For any number of threads at once.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    /// <returns>
    /// The row, with <see cref="ImageScore.Index"/> 0. Under <see cref="InvalidImageHandling.Stop"/> a picture that cannot be used is an exception, as
    /// in <see cref="Score"/>.
    /// </returns>
    /// <exception cref="ImageFormatException">Under <see cref="InvalidImageHandling.Stop"/>: the picture cannot be decoded.</exception>
    /// <exception cref="IOException">Under <see cref="InvalidImageHandling.Stop"/>: the picture is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Under <see cref="InvalidImageHandling.Stop"/>: the picture may not be read.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public ImageScore ScoreOne(ImageInput image, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_network.IsDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        Single single = _singles.Rent();
        try
        {
            image.Write(_decoder, single.Picture, single.Pixels, slot: 0);
            BatchOutputs outputs = _network.Run(single.Pixels.ToOrt, rows: 1, cancellationToken);
            return new ImageScore(0, image.Source, outputs.Scores, outputs.Logits, outputs.Features);
        }
        catch (Exception e) when (_options.OnInvalidImage == InvalidImageHandling.Mark && ImageFailure.IsInvalidImage(e))
        {
            return new ImageScore(0, image.Source, e.Message);
        }
        finally
        {
            _singles.Return(single);
        }
    }

    /// <summary>Closes the network. Enumerations under way end with an <see cref="ObjectDisposedException"/> at their next batch.</summary>
    public void Dispose() => _network.Dispose();

    private IEnumerable<ImageScore> Enumerate(IEnumerable<ImageInput> images, CancellationToken cancellationToken)
    {
        int threads = _options.DecodeThreads > 0 ? _options.DecodeThreads : Environment.ProcessorCount;
        var batches = new Queue<ImageBatch>(ReadAhead + 1);
        using var reader = new InputReader(images);
        var workers = new DecodeWorkers(threads, _decoder, _options.LowPriorityDecoders && Provider == OnnxSessions.CpuProvider);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadBatches(reader, batches, workers);
                if (!batches.TryPeek(out ImageBatch? batch))
                {
                    reader.ThrowIfFailed();
                    yield break;
                }

                batch.WaitUntilDecoded(cancellationToken);
                int rows = batch.FirstFatal(_options.OnInvalidImage);
                BatchOutputs outputs = batch.AnyDecoded(rows) ? _network.Run(batch.Pixels.ToOrt, rows, cancellationToken) : default;
                _batches.Return(batches.Dequeue().Pixels);
                for (int slot = 0; slot < rows; slot++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return Row(batch, slot, outputs);
                }

                if (rows < batch.Count)
                {
                    throw ImageFailure.AtRow(batch.FirstRow + rows, batch.Source(rows), batch.Failure(rows)!);
                }
            }
        }
        finally
        {
            workers.Dispose();
            foreach (ImageBatch batch in batches)
            {
                _batches.Return(batch.Pixels);
            }
        }
    }

    private void ReadBatches(InputReader reader, Queue<ImageBatch> batches, DecodeWorkers workers)
    {
        while (!reader.Ended && batches.Count <= ReadAhead)
        {
            ImageInput[] inputs = reader.Read(_options.BatchSize, out long firstRow);
            if (inputs.Length > 0)
            {
                var batch = new ImageBatch(firstRow, inputs, _batches.Rent());
                batches.Enqueue(batch);
                workers.Add(batch);
            }
        }
    }

    private ImageScore Row(ImageBatch batch, int slot, in BatchOutputs outputs)
    {
        long index = batch.FirstRow + slot;
        return batch.Failure(slot) is { } failure
            ? new ImageScore(index, batch.Source(slot), failure.Message)
            : new ImageScore(
                index,
                batch.Source(slot),
                Slice(outputs.Scores, slot, Labels.Count),
                Slice(outputs.Logits, slot, Labels.Count),
                Slice(outputs.Features, slot, FeatureLength));
    }

    private static ReadOnlyMemory<float> Slice(float[] values, int slot, int length)
        => values.Length == 0 ? default : values.AsMemory(slot * length, length);

    /// <summary>What a thread needs to score a picture: the network's input, and the decoded picture on its way there.</summary>
    private sealed record Single(PixelBuffer Pixels, ImageBuffer Picture);
}
