using System.Text.Json;
using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>Options records as JSON: camel-case keys, enums by name, nothing unknown let through.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        IgnoreReadOnlyProperties = true,                    // what is computed from the others
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        AllowOutOfOrderMetadataProperties = true,           // "kind" need not stand first in a schedule
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    internal static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads and checks.</summary>
    /// <param name="json">The text.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="validate">Throws an ArgumentException where a value is outside its range.</param>
    /// <exception cref="InvalidDataException">It is not valid.</exception>
    internal static T Read<T>(string json, string what, Action<T> validate)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            T value = JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidDataException($"The {what} is null.");
            validate(value);
            return value;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"The {what} is not valid: {exception.Message}", exception);
        }
    }
}
