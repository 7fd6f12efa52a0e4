using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace AlexNetMl.Scoring;

/// <summary>CSV as in RFC 4180, UTF-8, with a header: <c>row,source,error,label,score,label2,score2,…</c>; a score has as many digits as identify it.</summary>
internal sealed class CsvRows(int top) : RowFormat
{
    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);

    private readonly byte[] _header = Encoding.UTF8.GetBytes($"row,source,error{string.Concat(Enumerable.Range(1, top).Select(k => k == 1 ? ",label,score" : $",label{k},score{k}"))}\n");

    public override string Name => "csv";

    public override ReadOnlySpan<byte> Header => _header;

    public override void Write(IBufferWriter<byte> output, long row, string source, ReadOnlySpan<(string Label, float Score)> best, string? error)
    {
        output.Write(Encoding.UTF8.GetBytes(row.ToString(CultureInfo.InvariantCulture)));
        Field(output, source);
        Field(output, error ?? "");
        for (int k = 0; k < top; k++)
        {
            bool there = k < best.Length;
            Field(output, there ? best[k].Label : "");
            Field(output, there ? best[k].Score.ToString(CultureInfo.InvariantCulture) : "");
        }

        output.Write("\n"u8);
    }

    // A line feed within quotes belongs to a field: a record ends at the first one behind an even number of quotes.
    public override int RecordLength(ReadOnlySpan<byte> bytes)
    {
        bool quoted = false;
        for (int at = 0; ;)
        {
            int next = bytes[at..].IndexOfAny((byte)'\n', (byte)'"');
            if (next < 0)
            {
                return 0;
            }

            at += next + 1;
            if (bytes[at - 1] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted)
            {
                return at;
            }
        }
    }

    public override ReadRow? Read(ReadOnlySpan<byte> record)
    {
        var fields = new List<byte[]>();
        for (int at = 0; at < record.Length;)
        {
            if (!Take(record, ref at, out byte[] field))
            {
                return null;
            }

            fields.Add(field);
        }

        return fields.Count == 3 + (2 * top) && Utf8Parser.TryParse(fields[0], out long row, out int used) && used == fields[0].Length && !fields.Exists(field => field.Contains((byte)0))
            ? new ReadRow(row, Encoding.UTF8.GetString(fields[1]), fields[2].Length > 0)
            : null;
    }

    // A field and the comma or line feed behind it.
    private static bool Take(ReadOnlySpan<byte> record, ref int at, out byte[] field)
    {
        var text = new List<byte>();
        field = [];
        if (record[at] == '"')
        {
            for (at++; ; at++)
            {
                if (at >= record.Length)
                {
                    return false;
                }

                if (record[at] == '"' && (++at >= record.Length || record[at] != '"'))
                {
                    break;
                }

                text.Add(record[at]);
            }
        }
        else
        {
            int length = record[at..].IndexOfAny(NeedQuotes);
            if (length < 0)
            {
                return false;
            }

            text.AddRange(record.Slice(at, length));
            at += length;
        }

        field = [.. text];
        return at < record.Length && (record[at] == ',' || (record[at] == '\n' && at == record.Length - 1)) && at++ >= 0;
    }

    private static void Field(IBufferWriter<byte> output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        output.Write(","u8);
        if (!bytes.AsSpan().ContainsAny(NeedQuotes))
        {
            output.Write(bytes);
            return;
        }

        output.Write("\""u8);
        output.Write(Encoding.UTF8.GetBytes(text.Replace("\"", "\"\"", StringComparison.Ordinal)));
        output.Write("\""u8);
    }
}
