namespace AlexNetMl.Scoring;

/// <summary>What is scored, with what, and where the rows go.</summary>
public sealed record ScoringJobOptions
{
    /// <summary>An .onnx file, or a folder with model.onnx.</summary>
    public required string Model { get; init; }

    /// <summary>The pictures, in the order of the rows.</summary>
    public required PictureList Pictures { get; init; }

    /// <summary>The file of rows: JSON Lines where it ends in .jsonl or .ndjson, CSV where it ends in .csv.</summary>
    public required string Output { get; init; }

    /// <summary>Classes in a row, best first, at most as many as there are labels. Default 5.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Which share of the pictures. Default: all.</summary>
    public JobShard Shard { get; init; } = JobShard.Whole;

    /// <summary>Goes on with the output that is there, or begins where there is none. Default false: an output that is there is an error.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// After how many pictures in a row that could not be scored the job stops and takes their rows back: storage that is away, or a network that gives no numbers, would else spoil an output within
    /// minutes. Default 1,000; 0 for never. Memory does not depend on it.
    /// </summary>
    public int MaxConsecutiveErrors { get; init; } = 1000;

    /// <summary>
    /// How often rows are flushed to the disk. Default: every two seconds. Rows of a process that dies are not lost in any case; those of the last moments of a machine that dies are scored again.
    /// </summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Counts the pictures in the background, so that progress can tell the time that remains. Default false. A stream is never counted.</summary>
    public bool Count { get; init; }

    /// <summary>Batch, device and threads. A picture that cannot be used is a row with its error whatever is said here.</summary>
    public OnnxImageScorerOptions Scorer { get; init; } = new();

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is not allowed; the message says which are.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Model);
        ArgumentNullException.ThrowIfNull(Pictures);
        ArgumentException.ThrowIfNullOrEmpty(Output);
        ArgumentNullException.ThrowIfNull(Shard);
        if (Top is < 1 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(Top), Top, $"{nameof(Top)} is {Top}; it must be between 1 and 1000.");
        }

        if (MaxConsecutiveErrors < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxConsecutiveErrors), MaxConsecutiveErrors, $"{nameof(MaxConsecutiveErrors)} is {MaxConsecutiveErrors}; it must be 0 (no limit) or more.");
        }

        if (CommitInterval < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(CommitInterval), CommitInterval, $"{nameof(CommitInterval)} is {CommitInterval}; it must not be negative.");
        }

        _ = RowFormat.Of(Output, Top);
        Scorer.Validate();
    }
}

/// <summary>How far a job is.</summary>
/// <param name="Rows">Rows in the output, those of earlier sessions included.</param>
/// <param name="Total">Rows that there will be; null while unknown.</param>
/// <param name="Errors">Rows with an error so far.</param>
/// <param name="PicturesPerSecond">Rate of this session.</param>
public sealed record ScoringJobProgress(long Rows, long? Total, long Errors, double PicturesPerSecond)
{
    /// <summary>The time that remains at this rate; null while unknown.</summary>
    public TimeSpan? Remaining => Total is { } total && PicturesPerSecond > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - Rows) / PicturesPerSecond) : null;
}

/// <summary>What a job did.</summary>
public sealed record ScoringJobResult
{
    /// <summary>Rows in the output: this shard's share, all of it.</summary>
    public required long Rows { get; init; }

    /// <summary>Of these, rows scored by this session.</summary>
    public required long Scored { get; init; }

    /// <summary>Rows with an error, in all sessions.</summary>
    public required long Errors { get; init; }

    /// <summary>Pictures of the whole input, all shards'.</summary>
    public required long Total { get; init; }

    /// <summary>Seconds from the start of the run, model loaded, to the first row of this session in the output; null where there was none to score.</summary>
    public required double? FirstRowSeconds { get; init; }

    /// <summary>Seconds of the run, without loading the model.</summary>
    public required double Seconds { get; init; }
}
