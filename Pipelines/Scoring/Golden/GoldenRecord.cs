using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace AlexNetMl.Scoring;

/// <summary>What a file's golden rows are and what came out when it was exported, as it stands in the file.</summary>
internal sealed record GoldenRecord(long Seed, int Rows, double Tolerance, IReadOnlyList<GoldenOutput> Outputs)
{
    /// <summary>The most rows that are made or read.</summary>
    public const int MostRows = 16;

    private const int Version = 1;
    private static readonly string[] Forms = ["probabilities", "values", "projections"];

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("seed", Seed);
            json.WriteNumber("rows", Rows);
            json.WriteNumber("tolerance", Tolerance);
            json.WriteStartArray("outputs");
            foreach (GoldenOutput output in Outputs)
            {
                byte[] bytes = new byte[output.Values.Length * sizeof(float)];
                for (int i = 0; i < output.Values.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), output.Values[i]);
                }

                json.WriteStartObject();
                json.WriteString("name", output.Name);
                json.WriteString("form", Forms[(int)output.Form]);
                json.WriteNumber("length", output.Length);
                json.WriteBase64String("data", bytes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <exception cref="FormatException">The text is no record, or one with a value outside its range.</exception>
    public static GoldenRecord FromJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            Require(version == Version, $"version {version}; this version of AlexNetMl reads {Version}");
            int rows = root.GetProperty("rows").GetInt32();
            Require(rows is >= 1 and <= MostRows, $"{rows} rows; allowed are 1 to {MostRows}");
            double tolerance = root.GetProperty("tolerance").GetDouble();
            Require(tolerance is > 0 and < 1, $"a tolerance of {tolerance}; allowed is above 0 and below 1");
            return new GoldenRecord(
                root.GetProperty("seed").GetInt64(), rows, tolerance, [.. root.GetProperty("outputs").EnumerateArray().Select(o => ReadOutput(o, rows))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static GoldenOutput ReadOutput(JsonElement element, int rows)
    {
        string name = element.GetProperty("name").GetString() ?? string.Empty;
        int form = Array.IndexOf(Forms, element.GetProperty("form").GetString());
        Require(form >= 0, $"an unknown form of the output '{name}'");
        int length = element.GetProperty("length").GetInt32();
        byte[] bytes = element.GetProperty("data").GetBytesFromBase64();
        long kept = (long)rows * GoldenOutput.Kept((GoldenForm)form, length);
        Require(length >= 1 && bytes.Length == kept * sizeof(float), $"{bytes.Length} bytes for {rows} rows of {length} numbers of the output '{name}'");
        float[] values = new float[kept];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
            Require(float.IsFinite(values[i]), $"{values[i]} as a value of the output '{name}'");
        }

        return new GoldenOutput(name, (GoldenForm)form, length, values);
    }

    private static void Require(bool holds, string found)
    {
        if (!holds)
        {
            throw new FormatException(FormattableString.Invariant($"they have {found}"));
        }
    }
}
