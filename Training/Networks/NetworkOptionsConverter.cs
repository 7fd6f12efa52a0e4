using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>Options of any family in JSON: the family's own keys and, unless it is AlexNet's, <c>family</c>.</summary>
internal sealed class NetworkOptionsConverter : JsonConverter<NetworkOptions>
{
    private const string Family = "family", First = "alexnet";

    private static readonly Dictionary<string, Type> Families = new(StringComparer.Ordinal)
    {
        [First] = typeof(AlexNetOptions),
        ["vgg"] = typeof(VggOptions),
        ["googlenet"] = typeof(GoogLeNetOptions),
        ["resnet"] = typeof(ResNetOptions),
        ["densenet"] = typeof(DenseNetOptions),
        ["custom"] = typeof(CustomNetworkOptions),
    };

    public override NetworkOptions? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string family = First;
        Utf8JsonReader ahead = reader;
        if (JsonSerializer.Deserialize<JsonNode>(ref ahead, options) is not JsonObject values || !values.Remove(Family, out JsonNode? named))
            return (NetworkOptions?)JsonSerializer.Deserialize(ref reader, Families[First], options);
        family = named is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        if (!Families.TryGetValue(family, out Type? type))
            throw new JsonException($"There is no family of networks '{named?.ToJsonString()}': take {string.Join(", ", Families.Keys)}.");
        reader = ahead;
        return (NetworkOptions?)values.Deserialize(type, options);
    }

    public override void Write(Utf8JsonWriter writer, NetworkOptions value, JsonSerializerOptions options)
    {
        JsonObject values = JsonSerializer.SerializeToNode(value, value.GetType(), options)!.AsObject();
        string family = Families.Single(pair => pair.Value == value.GetType()).Key;
        if (family != First)
            values.Insert(0, Family, family);
        values.WriteTo(writer, options);
    }
}
