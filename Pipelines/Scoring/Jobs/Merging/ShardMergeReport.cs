namespace AlexNetMl.Scoring;

/// <summary>What the shards of a job hold between them.</summary>
public sealed record ShardMergeReport
{
    /// <summary>Rows of the whole input; null where no shard has seen its end.</summary>
    public required long? Total { get; init; }

    /// <summary>Different rows that are there.</summary>
    public required long Rows { get; init; }

    /// <summary>Of these, rows with an error.</summary>
    public required long Errors { get; init; }

    /// <summary>Number of shards that the input was dealt out to.</summary>
    public required int Shards { get; init; }

    /// <summary>Shards of which no file was given.</summary>
    public required IReadOnlyList<int> MissingShards { get; init; }

    /// <summary>Files of shards that are not finished.</summary>
    public required IReadOnlyList<string> UnfinishedFiles { get; init; }

    /// <summary>Rows that are in no file; the first thousand ranges.</summary>
    public required IReadOnlyList<RowRange> MissingRows { get; init; }

    /// <summary>Rows that are there more than once; the first thousand ranges.</summary>
    public required IReadOnlyList<RowRange> DoubledRows { get; init; }

    /// <summary>Whether every row is there once, so that the merged file was written.</summary>
    public bool Complete => MissingShards.Count == 0 && UnfinishedFiles.Count == 0 && MissingRows.Count == 0 && DoubledRows.Count == 0;

    /// <summary>One sentence on what is wrong and what to do; null where nothing is.</summary>
    public string? Problem
    {
        get
        {
            var parts = new List<string>();
            Add(MissingShards.Count > 0, () => $"no file of shard {List(MissingShards.Select(shard => $"{shard}/{Shards}"))}");
            Add(UnfinishedFiles.Count > 0, () => $"{List(UnfinishedFiles.Select(file => $"'{file}'"))} not finished");
            Add(MissingRows.Count > 0, () => $"rows missing: {List(MissingRows)}");
            Add(DoubledRows.Count > 0, () => $"rows doubled: {List(DoubledRows)}");
            bool missing = MissingShards.Count > 0 || UnfinishedFiles.Count > 0 || MissingRows.Count > 0;
            return parts.Count == 0 ? null : $"The shards do not make one whole ({string.Join("; ", parts)}): {(missing ? "run what is missing again with --resume and merge then" : "give each shard's file once")}.";

            void Add(bool applies, Func<string> text)
            {
                if (applies)
                {
                    parts.Add(text());
                }
            }
        }
    }

    private static string List<T>(IEnumerable<T> values)
    {
        const int Shown = 5;
        T[] all = [.. values];
        return string.Join(", ", all.Take(Shown)) + (all.Length > Shown ? $" and {all.Length - Shown} more" : "");
    }
}
