using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring;

/// <summary>Joins the outputs of a job's shards into the file that an undivided run writes, byte for byte. Memory does not grow with the rows.</summary>
public static class ShardMerge
{
    private const int MaxRanges = 1000;

    /// <summary>Joins outputs. Each needs the <c>.job</c> file that <see cref="ScoringJob"/> keeps beside it.</summary>
    /// <param name="shards">The shards' outputs, in any order.</param>
    /// <param name="output">The file to write; it gets its name only when every row is there once.</param>
    /// <param name="overwrite">Whether a file of that name is replaced.</param>
    /// <param name="progress">Told the rows so far, now and then.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <returns>What is there, and what is missing or doubled; then nothing was written.</returns>
    /// <exception cref="ScoringJobException">The files are not shards of one job, or the output is there.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static ShardMergeReport Run(IReadOnlyList<string> shards, string output, bool overwrite = false, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentException.ThrowIfNullOrEmpty(output);
        if (shards.Count == 0)
        {
            throw new ScoringJobException("No shards were given: name the outputs to join.");
        }

        ShardFile[] files = [.. shards.Select(ShardFile.Read)];
        RequireOneJob(files);
        if (files.Any(file => Path.GetFullPath(file.Path) == Path.GetFullPath(output)))
        {
            throw new ScoringJobException($"The output '{output}' is one of the shards: give it another name.");
        }

        if (File.Exists(output) && !overwrite)
        {
            throw new ScoringJobException($"The output '{output}' is there already: have it replaced (--overwrite), or give another name.");
        }

        RowFormat format = RowFormat.Of(files[0].Path, files[0].State.Job.Top);
        if (RowFormat.Of(output, files[0].State.Job.Top).Name != format.Name)
        {
            throw new ScoringJobException($"The shards are {format.Name} files and '{output}' is not: give the output the same ending.");
        }

        // Of what cannot be whole, the rows are counted and nothing is written.
        if (MissingShards(files).Any() || files.Any(file => !file.State.Complete))
        {
            return Join(files, format, Stream.Null, progress, cancellationToken);
        }

        ShardMergeReport? report = null;
        try
        {
            AtomicFile.Write(
                output,
                stream =>
                {
                    report = Join(files, format, stream, progress, cancellationToken);
                    if (!report.Complete)
                    {
                        throw new IncompleteException();
                    }
                },
                beforeCommit: null);
        }
        catch (IncompleteException)
        {
        }

        return report!;
    }

    private static ShardMergeReport Join(ShardFile[] files, RowFormat format, Stream output, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long? total = files.Select(file => file.State.Total).FirstOrDefault(value => value is not null);
        var missing = new RangeList();
        var doubled = new RangeList();
        long next = 0, rows = 0, errors = 0;
        var readers = new List<(RecordReader Reader, string Path)>();
        var heads = new PriorityQueue<int, (long Row, int Reader)>();
        try
        {
            foreach (ShardFile file in files)
            {
                readers.Add((file.Open(format), file.Path));
                Advance(readers.Count - 1);
            }

            output.Write(format.Header);
            while (heads.TryDequeue(out int index, out (long Row, int Reader) head))
            {
                if (head.Row < next)
                {
                    doubled.Add(head.Row, head.Row);
                }
                else
                {
                    missing.Add(next, head.Row - 1);
                    output.Write(readers[index].Reader.Record);
                    (next, rows) = (head.Row + 1, rows + 1);
                    errors += format.Read(readers[index].Reader.Record)!.Value.IsError ? 1 : 0;
                }

                if (rows % 4096 == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report(rows);
                }

                Advance(index);
            }
        }
        finally
        {
            foreach ((RecordReader reader, _) in readers)
            {
                reader.Dispose();
            }
        }

        missing.Add(next, (total ?? next) - 1);
        int shards = files[0].State.Job.Shards;
        return new ShardMergeReport
        {
            Total = total, Rows = rows, Errors = errors, Shards = shards,
            MissingShards = [.. MissingShards(files).Take(MaxRanges)],
            UnfinishedFiles = [.. files.Where(file => !file.State.Complete).Select(file => file.Path)],
            MissingRows = missing.Ranges, DoubledRows = doubled.Ranges,
        };

        void Advance(int index)
        {
            (RecordReader reader, string path) = readers[index];
            long before = reader.Position;
            if (!reader.Next())
            {
                return;
            }

            if (format.Read(reader.Record) is not { Row: >= 0 } row || row.Row >= total)
            {
                throw new InvalidDataException($"'{path}' holds at byte {before} something that is none of its rows: remove it and its .job file and run its shard again.");
            }

            heads.Enqueue(index, (row.Row, index));
        }
    }

    private static IEnumerable<int> MissingShards(ShardFile[] files) => Enumerable.Range(0, files[0].State.Job.Shards).Except(files.Select(file => file.State.Job.Shard));

    private static void RequireOneJob(ShardFile[] files)
    {
        ShardFile first = files[0];
        foreach (ShardFile file in files)
        {
            string[] differences = [.. first.State.Job.Differences(file.State.Job, shards: false)];
            if (differences.Length > 0)
            {
                throw new ScoringJobException($"'{first.Path}' and '{file.Path}' are not of one job: {string.Join(", ", differences)}; give the shards of one job only.".Replace("(now ", "(there ", StringComparison.Ordinal));
            }
        }

        ShardFile[] ended = [.. files.Where(file => file.State.Total is not null)];
        ShardFile? other = Array.Find(ended, file => file.State.Total != ended[0].State.Total || file.State.Input != ended[0].State.Input);
        if (other is not null)
        {
            throw new ScoringJobException(
                $"'{ended[0].Path}' and '{other.Path}' were scored from different inputs ({ended[0].State.Total} and {other.State.Total} pictures, in some order): score one of them again from the other's input.");
        }
    }

    private sealed class RangeList
    {
        private readonly List<RowRange> _ranges = [];

        public IReadOnlyList<RowRange> Ranges => _ranges;

        public void Add(long first, long last)
        {
            if (last < first)
            {
                return;
            }

            if (_ranges.Count > 0 && _ranges[^1].Last >= first - 1)
            {
                _ranges[^1] = _ranges[^1] with { Last = Math.Max(last, _ranges[^1].Last) };
            }
            else if (_ranges.Count < MaxRanges)
            {
                _ranges.Add(new RowRange(first, last));
            }
        }
    }

    // Takes the unfinished file away again, through the one place that does so.
    private sealed class IncompleteException : Exception;
}
