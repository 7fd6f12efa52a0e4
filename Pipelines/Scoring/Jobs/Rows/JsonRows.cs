using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AlexNetMl.Scoring;

/// <summary>JSON Lines: <c>{"row":0,"source":"a.jpg","labels":["coat","shirt"],"scores":[0.9,0.05]}</c>, or with <c>"error"</c> in place of labels and scores.</summary>
internal sealed class JsonRows : RowFormat
{
    // Labels and paths as they are: the file is data for programs, not a part of a web page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string Name => "jsonl";

    public override void Write(IBufferWriter<byte> output, long row, string source, ReadOnlySpan<(string Label, float Score)> best, string? error)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("row"u8, row);
            json.WriteString("source"u8, source);
            if (error is not null)
            {
                json.WriteString("error"u8, error);
            }
            else
            {
                json.WriteStartArray("labels"u8);
                foreach ((string label, _) in best)
                {
                    json.WriteStringValue(label);
                }

                json.WriteEndArray();
                json.WriteStartArray("scores"u8);
                foreach ((_, float score) in best)
                {
                    json.WriteNumberValue(score);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    public override int RecordLength(ReadOnlySpan<byte> bytes) => bytes.IndexOf((byte)'\n') + 1;

    public override ReadRow? Read(ReadOnlySpan<byte> record)
    {
        try
        {
            var json = new Utf8JsonReader(record);
            using JsonDocument document = JsonDocument.ParseValue(ref json);
            JsonElement root = document.RootElement;
            bool whole = json.BytesConsumed + 1 == record.Length && root.ValueKind == JsonValueKind.Object;
            return whole && root.TryGetProperty("row"u8, out JsonElement row) && row.TryGetInt64(out long number)
                && root.TryGetProperty("source"u8, out JsonElement source) && source.ValueKind == JsonValueKind.String
                ? new ReadRow(number, source.GetString()!, root.TryGetProperty("error"u8, out _))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
