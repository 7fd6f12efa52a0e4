using System.Text.Json;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What a cache's cache.json says.</summary>
internal sealed record CacheDescription
{
    private const string Kind = "AlexNetMl picture cache";
    private const int CurrentVersion = 1;

    /// <summary>Longest description that is read: a million classes with long names.</summary>
    internal const long MaxBytes = 64 << 20;

    public string Format { get; init; } = Kind;

    public int Version { get; init; } = CurrentVersion;

    public int Count { get; init; }

    public int Side { get; init; }

    /// <summary>Centre squares of oblong pictures lie as the centre window of this side asks for.</summary>
    public int CropSide { get; init; }

    public ResamplingFilter Filter { get; init; }

    /// <summary>Whether pictures were set upright; caches from before that say nothing and hold them as stored.</summary>
    public bool ApplyOrientation { get; init; }

    public string Decoder { get; init; } = "";

    public int Skipped { get; init; }

    public long IndexBytes { get; init; }

    public string Fingerprint { get; init; } = "";

    public string[] Classes { get; init; } = [];

    private static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal long PixelBytes => (long)Count * RgbImage.Channels * Side * Side;

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a description.</summary>
    /// <exception cref="InvalidDataException">It is none, or a value is out of range; the message starts with <paramref name="path"/>.</exception>
    internal static CacheDescription Parse(ReadOnlySpan<byte> json, string path)
    {
        CacheDescription? description;
        try
        {
            description = JsonSerializer.Deserialize<CacheDescription>(json, Json);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is damaged ({exception.Message}): build the cache again.", exception);
        }
        if (description?.Format != Kind)
            throw new InvalidDataException($"'{path}' does not describe a picture cache: build the cache again.");
        if (description.Version != CurrentVersion)
            throw new InvalidDataException($"'{path}' describes version {description.Version} of the cache, {CurrentVersion} is read here: build the cache again.");
        bool sound = description.Count >= 1
            && description.Side is >= 1 and <= ImagePreprocessing.LargestSide
            && description.CropSide >= 1 && description.CropSide <= description.Side
            && Enum.IsDefined(description.Filter)
            && description.Skipped >= 0
            && description.IndexBytes >= 0 && description.IndexBytes <= Array.MaxLength
            && description is { Decoder: not null, Fingerprint: not null, Classes.Length: >= 2 }
            && Array.TrueForAll(description.Classes, name => name is not null);
        return sound ? description : throw new InvalidDataException($"'{path}' holds impossible values: build the cache again.");
    }
}
