using System.Diagnostics;

namespace AlexNetMl.Scoring;

/// <summary>A place in an output that rows may be taken back to.</summary>
/// <param name="Written">What was written there.</param>
/// <param name="Boundary">The end of the last whole batch before it.</param>
internal readonly record struct OutputMark(JobState Written, JobState Boundary);

/// <summary>
/// The file of rows, and how far it is certain. A batch's rows go to the operating system in one write, so they survive the death of this process; every few seconds, and at the end, they are
/// flushed to the disk and <see cref="JobState"/> says so, so that those survive the death of the machine.
/// </summary>
internal sealed class JobOutput : IDisposable
{
    private readonly string _path;
    private readonly TimeSpan _interval;
    private readonly FileStream _lock;
    private readonly FileStream _stream;
    private readonly Stopwatch _sinceCommit = Stopwatch.StartNew();
    private JobState _written;

    // The last state at the end of a batch: what may be vouched for, once it is on the disk.
    private JobState _boundary;

    private JobOutput(string path, JobState certain, JobState written, TimeSpan interval, FileStream heldLock, FileStream stream)
    {
        (_path, _boundary, _written, _interval, _lock, _stream) = (path, certain, written, interval, heldLock, stream);
        (Certain, Begin) = (certain, written);
    }

    /// <summary>What was certain when this process began.</summary>
    public JobState Certain { get; }

    /// <summary>What was written when this process began: the certain rows and the whole ones behind them.</summary>
    public JobState Begin { get; }

    /// <summary>The sources of the rows between <see cref="Certain"/> and <see cref="Begin"/>, as they stand in the file.</summary>
    public IReadOnlyList<string> Tail { get; private init; } = [];

    /// <summary>What is written now.</summary>
    public JobState Written => _written;

    /// <summary>Bytes of a torn row, or of rows that never reached the disk, that were cut off.</summary>
    public long CutBytes { get; private init; }

    /// <summary>Whether there was no job to resume.</summary>
    public bool IsNew { get; private init; }

    /// <summary>What differs from where the rows before were computed; null where nothing does.</summary>
    public string? EnvironmentChange { get; private init; }

    /// <summary>Opens the output of a job.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its rows.</param>
    /// <param name="job">What is to be run.</param>
    /// <param name="environment">Where.</param>
    /// <param name="resume">Whether to go on with what is there.</param>
    /// <param name="interval">Between two flushes to the disk.</param>
    /// <exception cref="ScoringJobException">The output is there and must not be touched.</exception>
    /// <exception cref="IOException">Another process writes it, or the disk refuses.</exception>
    public static JobOutput Open(string path, RowFormat format, JobDescription job, JobEnvironment environment, bool resume, TimeSpan interval)
    {
        FileStream held = Lock(path);
        try
        {
            JobState? found = JobState.Load(path);
            bool exists = File.Exists(path);
            if (!resume && (exists || found is not null))
            {
                throw new ScoringJobException($"The output '{path}' is there already: go on with it by --resume, or remove it and '{JobState.PathOf(path)}' to start anew.");
            }

            if (found is null)
            {
                return exists
                    ? throw new ScoringJobException($"'{path}' cannot be resumed: '{JobState.PathOf(path)}' beside it, which says what it was made from, is missing; give another output or remove it.")
                    : Create(path, format, new JobState { Job = job, Environment = environment }, interval, held);
            }

            string[] differences = [.. found.Job.Differences(job)];
            if (differences.Length > 0)
            {
                string remedy = found.Job.HasOtherLabels(job) ? "its rows name the labels of then, so put those back" : "repeat what it was begun with";
                throw new ScoringJobException($"'{path}' was begun as another job: {string.Join(", ", differences)}; {remedy}, or give another output.");
            }

            string? change = found.Environment.Difference(environment);
            found = found with { Environment = environment };
            if (!exists)
            {
                return found.Rows == 0
                    ? Create(path, format, found, interval, held)
                    : throw new ScoringJobException($"'{path}' is missing although {found.Rows} rows of it were written: put it back, or remove '{JobState.PathOf(path)}' to start anew.");
            }

            return Recover(path, format, found, change, interval, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Adds a batch's rows, or those of them that are not there yet.</summary>
    /// <param name="records">Whole records.</param>
    /// <param name="rows">How many.</param>
    /// <param name="errors">Of these, rows with an error.</param>
    /// <param name="read">Hash over the sources up to them.</param>
    public void Write(ReadOnlySpan<byte> records, int rows, int errors, string read)
    {
        _stream.Write(records);
        _written = _written with { Rows = _written.Rows + rows, Errors = _written.Errors + errors, Bytes = _written.Bytes + records.Length, Read = read };
        _boundary = _written;
        if (_sinceCommit.Elapsed >= _interval)
        {
            Commit();
        }
    }

    /// <summary>Where the output is now.</summary>
    public OutputMark Mark() => new(_written, _boundary);

    /// <summary>Takes back the rows behind a mark. That the end of the input has been seen stays known.</summary>
    public void Return(OutputMark mark)
    {
        (_boundary, _written) = (WithEnd(mark.Boundary), WithEnd(mark.Written));

        // In this order: rows that nothing vouches for may stand behind certain ones, not the other way round.
        Commit();
        _stream.SetLength(_written.Bytes);
        _stream.Position = _written.Bytes;

        JobState WithEnd(JobState state) => state with { Total = _written.Total, Input = _written.Input };
    }

    /// <summary>Makes certain what is written.</summary>
    public void Commit()
    {
        _stream.Flush(flushToDisk: true);
        _boundary.Save(_path);
        _sinceCommit.Restart();
    }

    /// <summary>Notes the end of the input. What is written so far is made certain with it: a last batch is smaller than others, and must not be taken for the beginning of a full one.</summary>
    public void EndSeen(long total, string input)
    {
        if (_written.Total is null)
        {
            _written = _written with { Total = total, Input = input };
            _boundary = _boundary with { Total = total, Input = input };
            Commit();
        }
    }

    /// <summary>All rows are written.</summary>
    public void Complete()
    {
        if (!_written.Complete)
        {
            _written = _written with { Complete = true };
            _boundary = _written;
            Commit();
        }
    }

    /// <summary>Whether there is no row, and was none when this process began.</summary>
    public bool IsBare => IsNew && _written.Rows == 0;

    /// <summary>Removes what an output without a single row would leave.</summary>
    public void Discard()
    {
        _stream.Dispose();
        File.Delete(_path);
        File.Delete(JobState.PathOf(_path));
    }

    public void Dispose()
    {
        _stream.Dispose();
        _lock.Dispose();
    }

    // Two tasks that write one file would interleave their rows. The lock ends with the process, however that ends.
    private static FileStream Lock(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist: create it before writing '{Path.GetFileName(path)}' there.");
        }

        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder: give the name of a .jsonl or .csv file.");
        }

        string name = path + ".lock";
        try
        {
            return new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(name) && e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException($"Another process is writing '{path}' (it holds '{name}'): wait for it, or give another output.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || e.GetType() == typeof(IOException))
        {
            throw new IOException(e.Message.Replace(Path.GetFullPath(name), path, StringComparison.Ordinal), e);
        }
    }

    private static JobOutput Create(string path, RowFormat format, JobState state, TimeSpan interval, FileStream held)
    {
        state.Save(path);
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        stream.Write(format.Header);
        state = state with { Bytes = format.Header.Length };
        return new JobOutput(path, state, state, interval, held, stream) { IsNew = true };
    }

    private static JobOutput Recover(string path, RowFormat format, JobState state, string? change, TimeSpan interval, FileStream held)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            long length = stream.Length;
            if (length < state.Bytes)
            {
                throw new ScoringJobException($"'{path}' has {length} bytes, but {state.Bytes} with {state.Rows} rows had reached the disk: put the whole file back, or remove it and '{JobState.PathOf(path)}' to start anew.");
            }

            (JobState found, List<string> tail) = ReadTail(stream, format, state);
            if (found.Bytes < length)
            {
                stream.SetLength(found.Bytes);
            }

            stream.Position = found.Bytes;
            if (found.Bytes == 0)
            {
                stream.Write(format.Header);
                found = found with { Bytes = format.Header.Length };
            }

            return new JobOutput(path, state, found, interval, held, stream) { Tail = tail, CutBytes = Math.Max(0, length - found.Bytes), EnvironmentChange = change };
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // Behind the certain bytes a row counts when it is whole and the very row that belongs there: after the death of the machine anything may stand there.
    private static (JobState State, List<string> Tail) ReadTail(FileStream stream, RowFormat format, JobState state)
    {
        var tail = new List<string>();
        stream.Position = state.Bytes;
        if (state.Bytes == 0 && format.Header.Length > 0)
        {
            byte[] header = new byte[format.Header.Length];
            if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !format.Header.SequenceEqual(header))
            {
                return (state, tail);
            }

            state = state with { Bytes = header.Length };
        }

        var shard = new JobShard(state.Job.Shard, state.Job.Shards);
        var reader = new RecordReader(stream, format);
        while (reader.Next() && format.Read(reader.Record) is { } row && row.Row == shard.Row(state.Rows, state.Job.Batch))
        {
            tail.Add(row.Source);
            state = state with { Rows = state.Rows + 1, Errors = state.Errors + (row.IsError ? 1 : 0), Bytes = reader.Position };
        }

        return (state, tail);
    }
}
