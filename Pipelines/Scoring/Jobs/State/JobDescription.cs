using System.Security.Cryptography;
using System.Text;

namespace AlexNetMl.Scoring;

/// <summary>What makes a job's rows: equal descriptions and inputs give equal bytes, on equal <see cref="JobEnvironment"/>s.</summary>
internal sealed record JobDescription
{
    /// <summary>SHA-256 of the .onnx file, and of its labels and preprocessing where those stand beside it.</summary>
    public required string Model { get; init; }

    /// <summary>The same in parts, so that it can be said what of a model changed; null in files of before there were any.</summary>
    public ModelParts? Parts { get; init; }

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
            .. ModelValues(asked), ("format", Format, asked.Format), ("batch", Batch, asked.Batch), ("top", Top, asked.Top),
            ("shard", shards ? $"{Shard}/{Shards}" : Shards, shards ? $"{asked.Shard}/{asked.Shards}" : asked.Shards),
        ];
        return values.Where(value => !value.Here.Equals(value.Asked)).Select(value => $"{value.Name} {value.Here} (now {value.Asked})");
    }

    /// <summary>Whether the classes have other names than in another job, as far as that is known.</summary>
    public bool HasOtherLabels(JobDescription asked) => Parts is { } here && asked.Parts is { } there && here.Labels != there.Labels;

    private (string Name, object Here, object Asked)[] ModelValues(JobDescription asked) => Parts is { } here && asked.Parts is { } there && here != there
        ? [("model file", here.File[..12], there.File[..12]), ("labels", here.Labels[..12], there.Labels[..12]), ("preprocessing", here.Preprocessing[..12], there.Preprocessing[..12])]
        : [(Parts is null || asked.Parts is null ? "model (its file, labels or preprocessing)" : "model", Model[..12], asked.Model[..12])];
}

/// <summary>What scores depend on, and what their classes are called: the SHA-256 of each.</summary>
/// <param name="File">Of the .onnx file.</param>
/// <param name="Labels">Of the labels, wherever they stand.</param>
/// <param name="Preprocessing">Of the preprocessing, wherever it stands.</param>
internal sealed record ModelParts(string File, string Labels, string Preprocessing)
{
    public bool AreHashes => File.Length == 64 && Labels.Length == 64 && Preprocessing.Length == 64;

    /// <summary>Identifies a model by its bytes, as a whole and in parts.</summary>
    public static (string Whole, ModelParts Parts) Of(ImageModelFiles files)
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

        string file = Convert.ToHexStringLower(hash.GetCurrentHash()), labels = string.Join('\n', files.Labels), preprocessing = files.Preprocessing.ToJson();
        hash.AppendData(Encoding.UTF8.GetBytes(labels + preprocessing));
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), new ModelParts(file, Hash(labels), Hash(preprocessing)));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
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
