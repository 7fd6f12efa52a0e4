namespace AlexNetMl.Scoring;

/// <summary>What makes a job's rows: equal descriptions and inputs give equal bytes, on equal <see cref="JobEnvironment"/>s.</summary>
internal sealed record JobDescription
{
    /// <summary>The model, in parts, so that it can be said which of them changed.</summary>
    public required ModelFingerprint Model { get; init; }

    /// <summary>The rows' format.</summary>
    public required string Format { get; init; }

    /// <summary>Rows in one call of ONNX Runtime. The last bits of a row's scores depend on it.</summary>
    public required int Batch { get; init; }

    /// <summary>Classes a row.</summary>
    public required int Top { get; init; }

    /// <summary>Which share of the input, from 0.</summary>
    public required int Shard { get; init; }

    /// <summary>How many share it.</summary>
    public required int Shards { get; init; }

    /// <summary>What differs from another job, for people; empty where nothing does.</summary>
    public IEnumerable<string> Differences(JobDescription asked, bool shards = true)
    {
        IEnumerable<(string Name, object Here, object Asked)> values =
        [
            .. Model.Beside(asked.Model), ("format", Format, asked.Format), ("batch", Batch, asked.Batch), ("top", Top, asked.Top),
            ("shard", shards ? $"{Shard}/{Shards}" : Shards, shards ? $"{asked.Shard}/{asked.Shards}" : asked.Shards),
        ];
        return values.Where(value => !value.Here.Equals(value.Asked)).Select(value => $"{value.Name} {value.Here} (now {value.Asked})");
    }

    /// <summary>Whether the classes have other names than in another job.</summary>
    public bool HasOtherLabels(JobDescription asked) => Model.Labels != asked.Model.Labels;
}

/// <summary>What a row's last bits may depend on beyond its job. A job may go on elsewhere; that it did is said.</summary>
internal sealed record JobEnvironment(string Runtime, string Provider, int Threads, string Decoder)
{
    /// <summary>What differs, for people; null where nothing does.</summary>
    public string? Difference(JobEnvironment now)
    {
        (string Name, object Then, object Now)[] values = [("ONNX Runtime", Runtime, now.Runtime), ("provider", Provider, now.Provider), ("threads", Threads, now.Threads), ("decoder", Decoder, now.Decoder)];
        string[] differing = [.. values.Where(value => !value.Then.Equals(value.Now)).Select(value => $"{value.Name} {value.Then} then, {value.Now} now")];
        return differing.Length == 0 ? null : string.Join("; ", differing);
    }
}
