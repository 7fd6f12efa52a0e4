using System.Text.Json;
using System.Text.Json.Serialization;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;

namespace AlexNetMl.Pipelines;

/// <summary>What of our own travels in the metadata of the ONNX file inside an ML.NET zip. The device does not: the machine that loads has its own.</summary>
internal sealed record SavedOptions
{
    public const string Key = "alexnetml.mlnet";

    private const int Newest = 1;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public int Version { get; init; } = Newest;

    /// <summary>Which transformer it was.</summary>
    public required SavedKind Kind { get; init; }

    public string InputColumn { get; init; } = string.Empty;

    public string OutputColumn { get; init; } = string.Empty;

    public string Layer { get; init; } = string.Empty;

    public int BatchSize { get; init; }

    public bool Mark { get; init; }

    public int TopK { get; init; }

    public bool Logits { get; init; }

    public int DecodeThreads { get; init; }

    public int RuntimeThreads { get; init; }

    public bool SkipGoldenRows { get; init; }

    public string[] Inputs { get; init; } = [];

    public string[] Outputs { get; init; } = [];

    public Dictionary<string, int[]>? Shapes { get; init; }

    public KeyValuePair<string, string> Entry() => new(Key, JsonSerializer.Serialize(this, Json));

    /// <summary>The options in a file; null where it is not one of ours.</summary>
    /// <exception cref="OnnxFormatException">They are of a newer version, or damaged.</exception>
    public static SavedOptions? Read(string path)
    {
        if (!OnnxFile.ReadMetadata(path).TryGetValue(Key, out string? json))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<SavedOptions>(json, Json) is { Version: >= 1 and <= Newest } options
                ? options
                : throw new OnnxFormatException($"The metadata entry {Key} is of a version that this version of AlexNetMl does not read; update it.");
        }
        catch (JsonException e)
        {
            throw new OnnxFormatException($"The metadata entry {Key} cannot be understood: {e.Message}", e);
        }
    }

    public static SavedOptions Of(LoadedImages loaded) => new()
    {
        Kind = loaded.Features is null ? SavedKind.Score : SavedKind.Features,
        InputColumn = loaded.InputColumn,
        OutputColumn = loaded.Features ?? string.Empty,
        Layer = loaded.Options.Layer ?? string.Empty,
        BatchSize = loaded.Options.BatchSize,
        Mark = loaded.Options.OnInvalidImage == InvalidImageHandling.Mark,
        TopK = loaded.Options.TopK,
        Logits = loaded.Options.Logits,
        DecodeThreads = loaded.Options.DecodeThreads,
        RuntimeThreads = loaded.Options.RuntimeThreads,
        SkipGoldenRows = !loaded.Options.CheckGoldenRows,
    };

    public OnnxImageScorerOptions ToScorerOptions(OnnxDevice? device) => new()
    {
        BatchSize = BatchSize,
        Device = device,
        OnInvalidImage = Mark ? InvalidImageHandling.Mark : InvalidImageHandling.Stop,
        TopK = TopK,
        Logits = Logits,
        Layer = Layer.Length > 0 ? Layer : null,
        FeaturesOnly = Kind == SavedKind.Features,
        DecodeThreads = DecodeThreads,
        RuntimeThreads = RuntimeThreads,
        CheckGoldenRows = !SkipGoldenRows,
    };
}

/// <summary>The kinds of batched transformers, as they stand in files.</summary>
internal enum SavedKind
{
    /// <summary><c>ScoreOnnxImages</c>.</summary>
    Score = 1,

    /// <summary><c>ExtractOnnxImageFeatures</c>.</summary>
    Features = 2,

    /// <summary><c>ApplyOnnxModelBatched</c>.</summary>
    Tensors = 3,
}
