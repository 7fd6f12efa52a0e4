using System.Collections.Immutable;
using System.Text.Json;

namespace AlexNetMl.Onnx;

/// <summary>The values of <see cref="OnnxImageModelMetadata"/> as the texts that stand in a file.</summary>
internal static class OnnxMetadataText
{
    private static readonly string[] Precisions = ["fp32", "fp16", "int8"];
    private static readonly string[] InputForms = ["tensor", "window", "square", "ten-crop"];

    public static string Write(IReadOnlyList<string> labels) => JsonSerializer.Serialize(labels);

    // Sorted, so that the same features are the same bytes.
    public static string Write(IReadOnlyDictionary<string, string> features)
        => JsonSerializer.Serialize(new SortedDictionary<string, string>(features.ToDictionary(), StringComparer.Ordinal));

    public static string Write(OnnxPrecision precision) => Precisions[(int)precision];

    public static string Write(OnnxInputForm form) => InputForms[(int)form];

    public static OnnxPrecision ReadPrecision(string text) => (OnnxPrecision)Choice(OnnxImageModelMetadata.PrecisionKey, text, Precisions);

    public static OnnxInputForm ReadInputForm(string text) => (OnnxInputForm)Choice(OnnxImageModelMetadata.InputFormKey, text, InputForms);

    public static string[] ReadLabels(string json)
        => Parse<string?[]>(OnnxImageModelMetadata.LabelsKey, json, "array of strings", labels => Array.TrueForAll(labels, l => l is not null))!;

    public static ImmutableDictionary<string, string> ReadFeatures(string json)
        => Parse<Dictionary<string, string?>>(
            OnnxImageModelMetadata.FeaturesKey, json, "object of strings", features => features.Values.All(f => f is not null))
            .ToImmutableDictionary(f => f.Key, f => f.Value!, StringComparer.Ordinal);

    private static T Parse<T>(string key, string json, string what, Func<T, bool> holds)
    {
        try
        {
            if (JsonSerializer.Deserialize<T>(json) is { } value && holds(value))
            {
                return value;
            }
        }
        catch (JsonException e)
        {
            throw new OnnxFormatException($"The metadata entry {key} is not a JSON {what}: {e.Message}", e);
        }

        throw new OnnxFormatException($"The metadata entry {key} is not a JSON {what}.");
    }

    private static int Choice(string key, string text, string[] choices) => Array.IndexOf(choices, text) is >= 0 and int index
        ? index
        : throw new OnnxFormatException($"The metadata entry {key} is '{text}'; this version of AlexNetMl knows {string.Join(", ", choices)}.");
}
