using System.Globalization;
using System.Text.Json;

namespace AlexNetMl.Onnx;

/// <summary>
/// What an image network's file says about itself beyond its graph: the labels in the order of <c>Score</c>, how a picture becomes a
/// tensor, and which decoder it was trained with. Stored as entries of the file's metadata, which every ONNX reader passes through.
/// </summary>
public sealed record OnnxImageModelMetadata
{
    /// <summary>The key of the labels, a JSON array of strings.</summary>
    public const string LabelsKey = "alexnetml.labels";

    /// <summary>The key of the preprocessing, JSON with Hugging Face's key names as in <c>preprocessor_config.json</c>.</summary>
    public const string PreprocessingKey = "alexnetml.preprocessing";

    /// <summary>The key of the name and version of the picture decoder used in training.</summary>
    public const string DecoderKey = "alexnetml.decoder";

    /// <summary>The key of the version of these entries.</summary>
    public const string FormatVersionKey = "alexnetml.format_version";

    /// <summary>The version that this library writes, and the newest it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>Labels in the order of the network's outputs; empty where the file has none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The preprocessing as JSON; null where the file has none.</summary>
    public string? PreprocessingJson { get; init; }

    /// <summary>Name and version of the decoder used in training; null where the file does not say.</summary>
    public string? Decoder { get; init; }

    /// <summary>The metadata entries that hold this record.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary()
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FormatVersionKey] = FormatVersion.ToString(CultureInfo.InvariantCulture),
        };
        if (Labels.Count > 0)
        {
            entries[LabelsKey] = JsonSerializer.Serialize(Labels);
        }

        if (PreprocessingJson is not null)
        {
            entries[PreprocessingKey] = PreprocessingJson;
        }

        if (Decoder is not null)
        {
            entries[DecoderKey] = Decoder;
        }

        return entries;
    }

    /// <summary>Reads the record from a file's metadata entries. Entries that are missing stay empty; others are not looked at.</summary>
    /// <param name="metadata">The entries, from <see cref="OnnxFile.ReadMetadata"/> for example.</param>
    /// <exception cref="OnnxFormatException">An entry is there but cannot be understood, or was written by a newer version.</exception>
    public static OnnxImageModelMetadata FromDictionary(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (metadata.TryGetValue(FormatVersionKey, out string? version)
            && (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > FormatVersion))
        {
            throw new OnnxFormatException(
                $"The metadata entry {FormatVersionKey} is '{version}', but this version of AlexNetMl reads 1 to {FormatVersion}; update it.");
        }

        return new OnnxImageModelMetadata
        {
            Labels = metadata.TryGetValue(LabelsKey, out string? labels) ? ParseLabels(labels) : [],
            PreprocessingJson = metadata.GetValueOrDefault(PreprocessingKey),
            Decoder = metadata.GetValueOrDefault(DecoderKey),
        };
    }

    /// <summary>Equal content, labels compared one by one.</summary>
    /// <param name="other">The record to compare with.</param>
    public bool Equals(OnnxImageModelMetadata? other) => other is not null
        && PreprocessingJson == other.PreprocessingJson
        && Decoder == other.Decoder
        && Labels.SequenceEqual(other.Labels, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PreprocessingJson, Decoder, Labels.Count);

    private static string[] ParseLabels(string json)
    {
        try
        {
            string?[]? labels = JsonSerializer.Deserialize<string?[]>(json);
            if (labels is not null && Array.TrueForAll(labels, l => l is not null))
            {
                return labels!;
            }
        }
        catch (JsonException e)
        {
            throw new OnnxFormatException($"The metadata entry {LabelsKey} is not a JSON array of strings: {e.Message}", e);
        }

        throw new OnnxFormatException($"The metadata entry {LabelsKey} is not a JSON array of strings.");
    }
}
