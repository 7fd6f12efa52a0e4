using System.Buffers;
using System.Text;
using System.Text.Json;
using CsvHelper;

namespace AlexNetMl.Scoring.Tests;

/// <summary>Rows of a file, whatever stands in paths and labels.</summary>
[TestClass]
public sealed class RowFormatTests
{
    private const string Hard = "a,\"\n\r\u00e9\u20ac\U0001F600\\ ;{}\u0001'";

    [TestMethod]
    [DataRow("r.jsonl")]
    [DataRow("r.csv")]
    public void What_is_written_is_read_back_and_a_torn_row_is_none(string name)
    {
        var random = new Random(3);
        RowFormat format = RowFormat.Of(name, top: 2);
        for (int trial = 0; trial < 300; trial++)
        {
            string source = Text(random), label = Text(random), error = random.Next(3) == 0 ? "x" + Text(random) : "";
            long row = random.NextInt64(long.MaxValue);
            byte[] record = Record(format, row, source, [(label, random.NextSingle()), ("other", 0.1f)], error.Length > 0 ? error : null);
            Assert.AreEqual(record.Length, format.RecordLength(record));
            Assert.AreEqual(record.Length, format.RecordLength([.. record, .. "garbage\n\"\n"u8]));
            Assert.AreEqual(new ReadRow(row, source, error.Length > 0), format.Read(record));
            for (int cut = 0; cut < record.Length; cut++)
            {
                Assert.AreEqual(0, format.RecordLength(record.AsSpan(0, cut)), $"cut at {cut} of {Encoding.UTF8.GetString(record)}");
            }

            // What a disk may hold after the machine died: zeros from somewhere on.
            byte[] zeros = [.. record];
            zeros.AsSpan(random.Next(record.Length - 1)..^1).Clear();
            Assert.AreNotEqual(new ReadRow(row, source, error.Length > 0), format.Read(zeros));
        }
    }

    [TestMethod]
    public void Json_lines_are_json()
    {
        RowFormat format = RowFormat.Of("r.jsonl", top: 2);
        using JsonDocument row = JsonDocument.Parse(Record(format, 7, Hard, [(Hard, 0.1f), ("b", 1e-9f)], null));
        Assert.AreEqual(Hard, row.RootElement.GetProperty("source").GetString());
        Assert.AreEqual(Hard, row.RootElement.GetProperty("labels")[0].GetString());
        Assert.AreEqual(0.1f, row.RootElement.GetProperty("scores")[0].GetSingle());
        Assert.AreEqual(1e-9f, row.RootElement.GetProperty("scores")[1].GetSingle());
    }

    [TestMethod]
    public void Csv_is_what_a_csv_library_reads()
    {
        RowFormat format = RowFormat.Of("r.csv", top: 2);
        byte[] file = [.. format.Header, .. Record(format, 7, Hard, [(Hard, 0.1f), ("b", 1e-9f)], null), .. Record(format, 8, "x", [], Hard)];
        using CsvReader reader = CsvReader.Create(file, new CsvReaderOptions());
        Assert.IsTrue(reader.Read());
        CollectionAssert.AreEqual(new[] { "7", Hard, "", Hard, "0.1", "b", "1E-09" }, reader.Current.ToArray());
        Assert.AreEqual(Hard, reader["source"].ToString());
        Assert.AreEqual("b", reader["label2"].ToString());
        Assert.IsTrue(reader.Read());
        CollectionAssert.AreEqual(new[] { "8", "x", Hard, "", "", "", "" }, reader.Current.ToArray());
        Assert.IsFalse(reader.Read());
    }

    [TestMethod]
    public void Garbage_is_no_row()
    {
        var random = new Random(5);
        foreach (string name in (string[])["r.jsonl", "r.csv"])
        {
            RowFormat format = RowFormat.Of(name, top: 1);
            foreach (string text in (string[])["\n", "{}\n", "[]\n", "7\n", "{\"row\":\"1\",\"source\":\"a\"}\n", "{\"row\":1,\"source\":2}\n", "{\"row\":1,\"source\":\"a\"} x\n", "1,a\n", "1,a,,b,c,d\n", "x,a,,b,c\n", "\"1,a,,b,c\n"])
            {
                Assert.IsNull(format.Read(Encoding.UTF8.GetBytes(text)), $"{name}: {text}");
            }

            for (int trial = 0; trial < 3000; trial++)
            {
                byte[] bytes = new byte[random.Next(1, 40)];
                random.NextBytes(bytes);
                _ = format.RecordLength(bytes);
                _ = format.Read([.. bytes, (byte)'\n']);
            }
        }
    }

    [TestMethod]
    public void The_best_classes_are_those_of_a_sort()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 500; trial++)
        {
            float[] scores = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(12) == 0 ? float.NaN : random.Next(8) / 8f)];
            int[] best = new int[random.Next(1, scores.Length + 1)];
            var score = new ImageScore(0, null, scores);
            Assert.AreEqual(best.Length, score.Best(best));
            Assert.AreEqual(best[0], score.BestClass);
            int[] expected = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(best.Length)];
            CollectionAssert.AreEqual(expected, best, string.Join(" ", scores));
        }
    }

    internal static byte[] Record(RowFormat format, long row, string source, ReadOnlySpan<(string, float)> best, string? error)
    {
        var output = new ArrayBufferWriter<byte>();
        format.Write(output, row, source, error is null ? best : [], error);
        return output.WrittenSpan.ToArray();
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(2) == 0 ? ((char)random.Next('a', 'z')).ToString() : char.ConvertFromUtf32(Hard.EnumerateRunes().ElementAt(random.Next(Hard.EnumerateRunes().Count())).Value)));
}
