using System.Security.Cryptography;

namespace AlexNetMl.Scoring;

/// <summary>What makes a job's rows: equal descriptions and inputs give equal bytes, on equal <see cref="JobEnvironment"/>s.</summary>
internal sealed record JobDescription
{
    /// <summary>SHA-256 of the .onnx file, and of its labels and preprocessing where those stand beside it.</summary>
    public required string Model { get; init; }

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
        (string Name, object Here, object Asked)[] values =
        [
            ("model", Model[..12], asked.Model[..12]), ("format", Format, asked.Format), ("batch", Batch, asked.Batch), ("top", Top, asked.Top),
            ("shard", shards ? $"{Shard}/{Shards}" : Shards, shards ? $"{asked.Shard}/{asked.Shards}" : asked.Shards),
        ];
        return values.Where(value => !value.Here.Equals(value.Asked)).Select(value => $"{value.Name} {value.Here} (now {value.Asked})");
    }

    /// <summary>Identifies a model by its bytes.</summary>
    public static string Fingerprint(ImageModelFiles files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        using (var stream = new FileStream(files.ModelPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', files.Labels) + files.Preprocessing.ToJson()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
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
