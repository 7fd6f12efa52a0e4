using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>How a run's JSON files are written and read.</summary>
internal static class RunJson
{
    /// <summary>Indented, for people; an unknown key is an error.</summary>
    internal static JsonSerializerOptions Indented { get; } = Options(indented: true);

    /// <summary>One line.</summary>
    internal static JsonSerializerOptions Line { get; } = Options(indented: false);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="remedy">What a message ends with.</param>
    /// <exception cref="InvalidDataException">It is not what it should be; the message names the file.</exception>
    internal static T Read<T>(string path, string remedy = "")
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Indented) ?? throw new InvalidDataException($"'{path}' is empty.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is damaged{Place(exception as JsonException)}{remedy}.", exception);
        }
    }

    /// <summary>Where two values differ, one line for each place: <c>network.width: 0.2, not 0.5</c>.</summary>
    internal static IEnumerable<string> Differences<T>(T left, T right) =>
        Differences("", JsonSerializer.SerializeToNode(left, Indented), JsonSerializer.SerializeToNode(right, Indented));

    private static IEnumerable<string> Differences(string path, JsonNode? left, JsonNode? right)
    {
        if (left is JsonObject first && right is JsonObject second)
            return first.Select(pair => pair.Key).Union(second.Select(pair => pair.Key)).SelectMany(key => Differences(path.Length == 0 ? key : $"{path}.{key}", first[key], second[key]));
        return JsonNode.DeepEquals(left, right) ? [] : [$"{path}: {Text(left)}, not {Text(right)}"];
    }

    private static string Place(JsonException? exception)
    {
        string key = exception?.Path is { Length: > 2 } path ? $" at {path[2..]}" : "";
        return exception?.LineNumber is { } line ? $"{key} in line {line + 1}" : key;
    }

    private static string Text(JsonNode? node) => node?.ToJsonString(Line) ?? "none";

    // As options are written, and NaN: an epoch without validation pictures has such figures.
    private static JsonSerializerOptions Options(bool indented) => new(OptionsJson.Options)
    {
        WriteIndented = indented,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
