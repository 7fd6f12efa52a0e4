using System.Buffers;
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>
/// Scores a list of pictures into a file, in order, and can be stopped at any moment by anything: resumed, it goes on behind the last whole row, and the file ends with the very bytes of a
/// run that was never stopped.
/// </summary>
/// <remarks>
/// Three stages on threads of their own, each a bounded number of batches ahead of the next: the list is read, <see cref="OnnxImageScorer"/> decodes and scores, rows are written. A batch is cut at
/// the same places however often a run is resumed and however many shards there are, because the last bits of a row's scores depend on the size of its batch; rows of a batch that are in
/// the output already leave their places in it empty.
/// </remarks>
/// <example>
/// <code>
/// using var job = ScoringJob.Open(new ScoringJobOptions { Model = "models/alexnet", Pictures = PictureList.Open("photos"), Output = "photos.jsonl", Resume = true });
/// ScoringJobResult result = job.Run();
/// </code>
/// </example>
public sealed class ScoringJob : IDisposable
{
    private const int BlocksRead = 8, BlocksScored = 2;

    private readonly ScoringJobOptions _options;
    private readonly OnnxImageScorer _scorer;
    private readonly RowFormat _format;
    private readonly JobOutput _output;
    private readonly int _top;
    private bool _ran;

    private ScoringJob(ScoringJobOptions options, OnnxImageScorer scorer, RowFormat format, int top, JobOutput output)
    {
        (_options, _scorer, _format, _top, _output) = (options, scorer, format, top, output);
        string?[] notes = [scorer.FallbackReason, scorer.DecoderNote, output.EnvironmentChange is { } change ? $"The rows so far were computed elsewhere, and the last digits of new ones may differ from there: {change}." : null];
        Notes = [.. notes.OfType<string>()];
    }

    /// <summary>Rows that were in the output already.</summary>
    public long ResumedRows => _output.Begin.Rows;

    /// <summary>Rows that are in the output now.</summary>
    public long Rows => _output.Written.Rows;

    /// <summary>Whether the output was begun by this job.</summary>
    public bool IsNew => _output.IsNew;

    /// <summary>Bytes of a torn row that were cut off the output.</summary>
    public long CutBytes => _output.CutBytes;

    /// <summary>The ONNX Runtime provider in use.</summary>
    public string Provider => _scorer.Provider;

    /// <summary>What a person should know: the processor serves in place of a GPU, or something else computes than before.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Loads the model and opens the output; nothing is scored yet.</summary>
    /// <param name="options">The job.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OnnxScoringException">The model or the device cannot be used.</exception>
    /// <exception cref="ScoringJobException">The output is there and is not to be resumed, or is another job's.</exception>
    /// <exception cref="IOException">The output cannot be written, or another process writes it.</exception>
    public static ScoringJob Open(ScoringJobOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ImageModelFiles files = ImageModelFiles.Read(options.Model);
        Task<ModelFingerprint> fingerprint = Task.Run(() => ModelFingerprint.Of(files));
        var scorer = OnnxImageScorer.Load(options.Model, options.Scorer with { OnInvalidImage = InvalidImageHandling.Mark, LowPriorityDecoders = true });
        try
        {
            int top = Math.Min(options.Top, scorer.Labels.Count);
            var format = RowFormat.Of(options.Output, top);
            var job = new JobDescription
            {
                Model = fingerprint.GetAwaiter().GetResult(), Format = format.Name, Batch = options.Scorer.BatchSize, Top = top, Shard = options.Shard.Index, Shards = options.Shard.Count,
            };
            var environment = new JobEnvironment(
                OrtEnv.Instance().GetVersionString(), scorer.Provider, options.Scorer.RuntimeThreads > 0 ? options.Scorer.RuntimeThreads : Environment.ProcessorCount, scorer.DecoderName);
            return new ScoringJob(options, scorer, format, top, JobOutput.Open(options.Output, format, job, environment, options.Resume, options.CommitInterval));
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    /// <summary>Scores what is not in the output yet, once.</summary>
    /// <param name="progress">Told after each batch, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the run; what is written is made certain first.</param>
    /// <exception cref="ScoringJobException">The input is not the one that was begun with.</exception>
    /// <exception cref="ConsecutiveErrorsException">Too many pictures in a row could not be scored; their rows were taken back.</exception>
    /// <exception cref="InvalidDataException">The input is no list of pictures, or holds none.</exception>
    /// <exception cref="IOException">The input cannot be read or the output not be written.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ScoringJobResult Run(IProgress<ScoringJobProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_ran)
        {
            throw new InvalidOperationException("This job has run: open it again to resume it.");
        }

        _ran = true;
        try
        {
            return Write(progress, cancellationToken);
        }
        catch
        {
            CloseQuietly();
            throw;
        }
    }

    /// <summary>Closes the output and the model.</summary>
    public void Dispose()
    {
        _output.Dispose();
        _scorer.Dispose();
    }

    private ScoringJobResult Write(IProgress<ScoringJobProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        double? firstRow = null;
        using PictureCount? count = _options.Count && _options.Pictures.CanReadAgain ? new PictureCount(_options.Pictures) : null;
        var reader = new ShardReader(_options.Pictures, _options.Shard, _options.Scorer.BatchSize, _output);
        using var blocks = new ReadAhead<ShardBlock>(reader.Blocks, BlocksRead, "AlexNetMl list", joins: false, cancellationToken);
        using var scored = new ReadAhead<(ShardBlock Block, ImageScore[] Scores)>(stop => Score(blocks.Items(stop), stop), BlocksScored, "AlexNetMl scorer", joins: true, cancellationToken);
        var records = new ArrayBufferWriter<byte>();
        var streak = new ErrorStreak(_options.MaxConsecutiveErrors);
        foreach ((ShardBlock block, ImageScore[] scores) in scored.Items(cancellationToken))
        {
            if (block.End is { } end)
            {
                _output.EndSeen(end.Total, end.Input);
            }

            if (scores.Length == 0)
            {
                continue;
            }

            records.ResetWrittenCount();
            OutputMark here = _output.Mark();
            int errors = 0;
            for (int slot = block.Done; slot < scores.Length; slot++)
            {
                ListedPicture picture = block.Pictures[slot];
                string? error = Error(picture, scores[slot]);
                WriteRow(records, block.FirstRow + slot, picture, scores[slot], error);
                errors += error is null ? 0 : 1;
                if (streak.Add(error, here))
                {
                    _output.Return(streak.Start);
                    throw new ConsecutiveErrorsException(streak.Length, picture.Source, error!);
                }
            }

            _output.Write(records.WrittenSpan, scores.Length - block.Done, errors, block.Read);
            firstRow ??= clock.Elapsed.TotalSeconds;
            progress?.Report(Progress(count, clock.Elapsed.TotalSeconds));
        }

        JobState written = _output.Written;
        if (written.Total == 0)
        {
            throw new InvalidDataException($"The {_options.Pictures.Description} holds no pictures.");
        }

        _output.Complete();
        return new ScoringJobResult
        {
            Rows = written.Rows, Scored = written.Rows - ResumedRows, Errors = written.Errors, Total = written.Total!.Value, FirstRowSeconds = firstRow, Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    private IEnumerable<(ShardBlock Block, ImageScore[] Scores)> Score(IEnumerable<ShardBlock> blocks, CancellationToken cancellationToken)
    {
        var inFlight = new Queue<ShardBlock>();
        ShardBlock? last = null;
        var scores = new List<ImageScore>();
        foreach (ImageScore score in _scorer.Score(Inputs(), cancellationToken))
        {
            scores.Add(score);
            if (scores.Count == inFlight.Peek().Pictures.Length)
            {
                yield return (inFlight.Dequeue(), [.. scores]);
                scores.Clear();
            }
        }

        if (last is not null)
        {
            yield return (last, []);
        }

        IEnumerable<ImageInput> Inputs()
        {
            foreach (ShardBlock block in blocks)
            {
                if (block.Pictures.Length == 0)
                {
                    last = block;
                    continue;
                }

                inFlight.Enqueue(block);
                for (int slot = 0; slot < block.Pictures.Length; slot++)
                {
                    // No bytes are no picture, which keeps its place in the batch as zeros.
                    yield return slot < block.Done ? ImageInput.FromBytes(default) : ImageInput.FromFile(block.Pictures[slot].Path);
                }
            }
        }
    }

    // Why a picture has no scores, in the same words on every machine, wherever its pictures lie.
    private static string? Error(ListedPicture picture, ImageScore score)
    {
        if (score.Error is not { } error)
        {
            foreach (float value in score.Probabilities.Span)
            {
                if (!float.IsFinite(value))
                {
                    return "the network's scores are no finite numbers";
                }
            }

            return null;
        }

        string words = picture.Path.Length == 0 ? error : error.Replace(picture.Path, picture.Source, StringComparison.Ordinal);
        return words.StartsWith($"{picture.Source}: ", StringComparison.Ordinal) ? words[(picture.Source.Length + 2)..] : words;
    }

    private void WriteRow(ArrayBufferWriter<byte> records, long row, ListedPicture picture, ImageScore score, string? error)
    {
        if (error is not null)
        {
            _format.Write(records, row, picture.Source, [], error);
            return;
        }

        Span<int> classes = stackalloc int[_top];
        score.Best(classes);
        var best = new (string, float)[_top];
        for (int k = 0; k < _top; k++)
        {
            best[k] = (_scorer.Labels[classes[k]], score.Probabilities.Span[classes[k]]);
        }

        _format.Write(records, row, picture.Source, best, error: null);
    }

    private ScoringJobProgress Progress(PictureCount? count, double seconds)
    {
        JobState written = _output.Written;
        long? total = (written.Total ?? count?.Total) is { } all ? _options.Shard.Own(all, _options.Scorer.BatchSize) : null;
        return new ScoringJobProgress(written.Rows, total, written.Errors, (written.Rows - ResumedRows) / seconds);
    }

    // An output without a row says nothing, and would be in the way of the next attempt. Another error is on its way and tells more than one from here.
    private void CloseQuietly()
    {
        try
        {
            if (_output.IsBare)
            {
                _output.Discard();
            }
            else
            {
                _output.Commit();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
    }
}
