namespace AlexNetMl.Scoring;

/// <summary>A shard's output and what stands beside it.</summary>
internal sealed record ShardFile(string Path, JobState State)
{
    public static ShardFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The shard '{path}' does not exist.", path);
        }

        JobState state = JobState.Load(path)
            ?? throw new ScoringJobException($"'{path}' has no '{JobState.PathOf(path)}' beside it, which says which share of what it is: keep the two together.");
        return new ShardFile(path, state);
    }

    /// <summary>Opens the rows, behind the header.</summary>
    public RecordReader Open(RowFormat format)
    {
        var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            byte[] header = new byte[format.Header.Length];
            if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && !format.Header.SequenceEqual(header))
            {
                throw new InvalidDataException($"'{Path}' does not begin with the columns that were written there: run its shard again.");
            }

            return new RecordReader(stream, format);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
