using System.Collections.Immutable;
using System.Globalization;

namespace AlexNetMl.Onnx;

/// <summary>
/// What an image network's file says about itself beyond its graph: the labels in the order of <c>Score</c>, how a picture becomes a
/// tensor, which decoder it was trained with, where it comes from and how to prove it. Stored as entries of the file's metadata, which every
/// ONNX reader passes through.
/// </summary>
public sealed record OnnxImageModelMetadata
{
    /// <summary>What all keys of this library begin with.</summary>
    public const string KeyPrefix = "alexnetml.";

    /// <summary>The key of the labels, a JSON array of strings.</summary>
    public const string LabelsKey = "alexnetml.labels";

    /// <summary>The key of the preprocessing, JSON with Hugging Face's key names as in <c>preprocessor_config.json</c>.</summary>
    public const string PreprocessingKey = "alexnetml.preprocessing";

    /// <summary>The key of the name and version of the picture decoder used in training.</summary>
    public const string DecoderKey = "alexnetml.decoder";

    /// <summary>The key of the training's fingerprint.</summary>
    public const string FingerprintKey = "alexnetml.fingerprint";

    /// <summary>The key of the licence.</summary>
    public const string LicenceKey = "alexnetml.licence";

    /// <summary>The key of the author.</summary>
    public const string AuthorKey = "alexnetml.author";

    /// <summary>The key of the feature outputs, a JSON object from output to layer.</summary>
    public const string FeaturesKey = "alexnetml.features";

    /// <summary>The key of the precision: <c>fp32</c>, <c>fp16</c> or <c>int8</c>.</summary>
    public const string PrecisionKey = "alexnetml.precision";

    /// <summary>The key of the input's form: <c>tensor</c>, <c>window</c>, <c>square</c> or <c>ten-crop</c>.</summary>
    public const string InputFormKey = "alexnetml.input";

    /// <summary>The key of the golden rows, JSON.</summary>
    public const string GoldenRowsKey = "alexnetml.golden_rows";

    /// <summary>The key of the version of these entries.</summary>
    public const string FormatVersionKey = "alexnetml.format_version";

    /// <summary>
    /// The newest version that this library reads. It writes 2 for a file that takes bytes, which a reader of version 1 would take for broken,
    /// and 1 for every other.
    /// </summary>
    public const int FormatVersion = 2;

    /// <summary>Labels in the order of the network's outputs; empty where the file has none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The preprocessing as JSON; null where the file has none.</summary>
    public string? PreprocessingJson { get; init; }

    /// <summary>Name and version of the decoder used in training; null where the file does not say.</summary>
    public string? Decoder { get; init; }

    /// <summary>What identifies the training that made the weights: a hash or a short text; null where the file does not say.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The weights' licence, an SPDX identifier for example; null where the file does not say.</summary>
    public string? Licence { get; init; }

    /// <summary>Who made the network; null where the file does not say.</summary>
    public string? Author { get; init; }

    /// <summary>Outputs that are features: the output's name and the layer that it shows. Empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How the weights are held. Default, and where the file does not say: <see cref="OnnxPrecision.Float32"/>.</summary>
    public OnnxPrecision Precision { get; init; }

    /// <summary>How much preprocessing is inside the graph. Default, and where the file does not say: <see cref="OnnxInputForm.Tensor"/>.</summary>
    public OnnxInputForm InputForm { get; init; }

    /// <summary>Seeded inputs' expected outputs as JSON, which scoring makes and checks; null where the file has none.</summary>
    public string? GoldenRowsJson { get; init; }

    /// <summary>The metadata entries that hold this record.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary()
    {
        int version = InputForm == OnnxInputForm.Tensor ? 1 : FormatVersion;
        var entries = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FormatVersionKey] = version.ToString(CultureInfo.InvariantCulture),
        };
        if (Labels.Count > 0)
        {
            entries[LabelsKey] = OnnxMetadataText.Write(Labels);
        }

        if (Features.Count > 0)
        {
            entries[FeaturesKey] = OnnxMetadataText.Write(Features);
        }

        if (Precision != OnnxPrecision.Float32)
        {
            entries[PrecisionKey] = OnnxMetadataText.Write(Precision);
        }

        if (InputForm != OnnxInputForm.Tensor)
        {
            entries[InputFormKey] = OnnxMetadataText.Write(InputForm);
        }

        foreach ((string key, string? text) in (ReadOnlySpan<(string, string?)>)
        [
            (PreprocessingKey, PreprocessingJson), (DecoderKey, Decoder), (FingerprintKey, Fingerprint), (LicenceKey, Licence), (AuthorKey, Author),
            (GoldenRowsKey, GoldenRowsJson),
        ])
        {
            if (text is not null)
            {
                entries[key] = text;
            }
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
            Labels = metadata.TryGetValue(LabelsKey, out string? labels) ? OnnxMetadataText.ReadLabels(labels) : [],
            PreprocessingJson = metadata.GetValueOrDefault(PreprocessingKey),
            Decoder = metadata.GetValueOrDefault(DecoderKey),
            Fingerprint = metadata.GetValueOrDefault(FingerprintKey),
            Licence = metadata.GetValueOrDefault(LicenceKey),
            Author = metadata.GetValueOrDefault(AuthorKey),
            Features = metadata.TryGetValue(FeaturesKey, out string? features)
                ? OnnxMetadataText.ReadFeatures(features) : ImmutableDictionary<string, string>.Empty,
            Precision = metadata.TryGetValue(PrecisionKey, out string? precision) ? OnnxMetadataText.ReadPrecision(precision) : OnnxPrecision.Float32,
            InputForm = metadata.TryGetValue(InputFormKey, out string? form) ? OnnxMetadataText.ReadInputForm(form) : OnnxInputForm.Tensor,
            GoldenRowsJson = metadata.GetValueOrDefault(GoldenRowsKey),
        };
    }

    /// <summary>Equal content, labels and features compared one by one.</summary>
    /// <param name="other">The record to compare with.</param>
    public bool Equals(OnnxImageModelMetadata? other) => other is not null
        && PreprocessingJson == other.PreprocessingJson
        && Decoder == other.Decoder
        && Fingerprint == other.Fingerprint
        && Licence == other.Licence
        && Author == other.Author
        && Precision == other.Precision
        && InputForm == other.InputForm
        && GoldenRowsJson == other.GoldenRowsJson
        && Labels.SequenceEqual(other.Labels, StringComparer.Ordinal)
        && Features.OrderBy(f => f.Key, StringComparer.Ordinal).SequenceEqual(other.Features.OrderBy(f => f.Key, StringComparer.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PreprocessingJson, Decoder, Fingerprint, Labels.Count, Features.Count, Precision, InputForm);
}
