using System.Text.Json;
using System.Text.Json.Serialization;

namespace AlexNetMl.Scoring;

/// <summary>
/// The file beside an output that says what is written there and how much of it is certain: <c>r.jsonl.job</c>. Each version is written beside it and renamed into place, after the
/// rows it vouches for have reached the disk.
/// </summary>
internal sealed record JobState
{
    private const int CurrentVersion = 1;
    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public int Version { get; init; } = CurrentVersion;

    public required JobDescription Job { get; init; }

    public required JobEnvironment Environment { get; init; }

    /// <summary>Rows of this shard that are on the disk for certain: whole batches, or all.</summary>
    public long Rows { get; init; }

    /// <summary>Of these, rows with an error.</summary>
    public long Errors { get; init; }

    /// <summary>Bytes that hold them.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 over the sources of all input up to the last of these rows, other shards' included; null before the first.</summary>
    public string? Read { get; init; }

    /// <summary>Rows of the whole input, all shards'; null until its end has been seen.</summary>
    public long? Total { get; init; }

    /// <summary>SHA-256 over the sources of the whole input; null until its end has been seen.</summary>
    public string? Input { get; init; }

    /// <summary>Whether all of this shard's rows are written.</summary>
    public bool Complete { get; init; }

    /// <summary>The file beside an output.</summary>
    public static string PathOf(string output) => output + ".job";

    /// <summary>Reads the file beside an output; null where there is none.</summary>
    /// <exception cref="ScoringJobException">It is damaged, or of a later version.</exception>
    public static JobState? Load(string output)
    {
        string path = PathOf(output);
        if (!File.Exists(path))
        {
            return null;
        }

        int? version = null;
        try
        {
            JobState? state = new FileInfo(path).Length <= MaxBytes ? JsonSerializer.Deserialize<JobState>(File.ReadAllBytes(path), Json) : null;
            version = state?.Version;
            if (state is { Version: CurrentVersion, Rows: >= 0, Bytes: >= 0, Total: null or >= 0, Job: { Batch: >= 1, Top: >= 1, Shards: >= 1, Shard: >= 0, Model.IsWhole: true } job } && job.Shard < job.Shards)
            {
                return state;
            }
        }
        catch (JsonException)
        {
        }

        throw new ScoringJobException(version > CurrentVersion
            ? $"'{path}' was written by a later version of this program ({version}; this one writes {CurrentVersion}): go on with that one, or give another output."
            : $"'{path}' is damaged: put back a copy of it, or move it and '{output}' away to start anew.");
    }

    /// <summary>Writes the file beside an output.</summary>
    public void Save(string output)
    {
        // Always the same name, other than AtomicFile's: a process that is killed in the midst of it every few seconds would leave as many files.
        string path = PathOf(output), temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(this, Json));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
