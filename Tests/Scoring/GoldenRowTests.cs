using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Scoring.Tests;

[TestClass]
public sealed class GoldenRowTests
{
    [TestMethod]
    public void The_pictures_follow_the_written_formula_and_have_coarse_and_fine_content()
    {
        RgbImage picture = GoldenPicture.Make(seed: 5, row: 2, side: 40);

        // Sample by sample from the formula's own words, with nothing precomputed.
        ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        long Byte(long index) => (long)(Mix(5UL + (0x9E3779B97F4A7C15 * ((2UL << 32) + (ulong)index + 1))) >> 56);
        long Grid(long first, int cells, int x, int y)
        {
            int px = x * cells * 256 / 40, py = y * cells * 256 / 40;
            long sum = 0;
            for (int dy = 0; dy < 2; dy++)
            {
                for (int dx = 0; dx < 2; dx++)
                {
                    long weight = (dx == 0 ? 256 - (px % 256) : px % 256) * (dy == 0 ? 256 - (py % 256) : py % 256);
                    sum += weight * Byte(first + (((py / 256) + dy) * (cells + 1)) + (px / 256) + dx);
                }
            }

            return sum / 65536;
        }

        for (int at = 0; at < picture.Pixels.Length; at += 7)
        {
            int c = at % 3, x = at / 3 % 40, y = at / 120;
            long mixed = ((5 * Grid(c * 25, 4, x, y)) + (2 * Grid(75 + (c * 289), 16, x, y)) + Byte(75 + 867 + at)) / 8;
            Assert.AreEqual(Math.Clamp(128 + ((mixed - 128) * 2), 0, 255), picture.Pixels[at], $"sample {at}");
        }

        double mean = picture.Pixels.Average(p => p), deviation = Math.Sqrt(picture.Pixels.Average(p => (p - mean) * (p - mean)));
        Assert.IsGreaterThan(30, deviation);

        // Low frequencies remain where blocks of 8 x 8 are averaged; white noise of that deviation would leave an eighth of it.
        double[] blocks = [.. Enumerable.Range(0, 25).Select(b => Enumerable.Range(0, 64)
            .Average(i => (double)picture.Pixels[(((((b / 5) * 8) + (i / 8)) * 40) + ((b % 5) * 8) + (i % 8)) * 3]))];
        Assert.IsGreaterThan(deviation / 3, Math.Sqrt(blocks.Average(b => (b - blocks.Average()) * (b - blocks.Average()))));
        CollectionAssert.AreNotEqual(picture.Pixels, GoldenPicture.Make(seed: 5, row: 3, side: 40).Pixels);
        CollectionAssert.AreNotEqual(picture.Pixels, GoldenPicture.Make(seed: 6, row: 2, side: 40).Pixels);
    }

    [TestMethod]
    public void A_file_proves_itself_and_one_that_drifts_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = TestModel.Write(folder, TestModel.Build(secondOutput: true));
        Assert.IsNull(GoldenRows.Check(path));
        GoldenRows.Add(path);
        GoldenRowReport report = GoldenRows.Check(folder.Path)!;
        Assert.IsTrue(report.Passed);
        Assert.AreEqual(4, report.Rows);
        Assert.IsLessThan(1e-6, report.Difference);
        OnnxImageScorer.Load(path).Dispose();

        // One weight in three thousand a little off.
        ModelProto model = OnnxFile.Read(path);
        TensorProto weights = model.Graph.Initializer.Single(t => t.Name == "w2");
        byte[] bytes = weights.RawData.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(400), BitConverter.ToSingle(bytes, 400) + 0.05f);
        weights.RawData = ByteString.CopyFrom(bytes);
        OnnxFile.Write(model, path);
        report = GoldenRows.Check(path)!;
        Assert.IsFalse(report.Passed);
        string message = Assert.ThrowsExactly<OnnxScoringException>(() => OnnxImageScorer.Load(path)).Message;
        StringAssert.Contains(message, report.Output);
        StringAssert.Contains(message, nameof(OnnxImageScorerOptions.CheckGoldenRows));
        Assert.ThrowsExactly<OnnxScoringException>(() => OnnxImageNetwork.Load(path));
        OnnxImageScorer.Load(path, new OnnxImageScorerOptions { CheckGoldenRows = false }).Dispose();

        GoldenRows.Add(path, rows: 1, seed: 7);
        Assert.AreEqual(1, GoldenRows.Check(path)!.Rows);
        Assert.HasCount(1, OnnxFile.Read(path).MetadataProps.Where(m => m.Key == OnnxImageModelMetadata.GoldenRowsKey));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GoldenRows.Compute(path, rows: 17));
    }

    [TestMethod]
    public void A_nearly_uniform_softmax_hides_no_error()
    {
        // Logits of about 1e-2: the probabilities of 1,000 classes agree to five digits whatever the logits are.
        var random = new Random(1);
        double[] logits = [.. Enumerable.Range(0, 1000).Select(_ => (random.NextDouble() - 0.5) * 0.04)];
        GoldenOutput golden = GoldenOutput.Make("Score", Softmax(logits), rows: 1);
        Assert.AreEqual(GoldenForm.Probabilities, golden.Form);
        Assert.IsLessThan(1e-5, golden.Difference(Softmax([.. logits.Select(l => l + 5)])));
        Assert.AreEqual(0.1, golden.Difference(Softmax([.. logits.Select((l, i) => i == 8 ? l + 0.002 : l)])), 0.01);
        Assert.AreEqual(double.NaN, golden.Difference([.. Enumerable.Repeat(float.NaN, 1000)]));
    }

    [TestMethod]
    public void Long_outputs_are_kept_as_projections_that_a_single_change_shows_in()
    {
        var random = new Random(2);
        float[] values = [.. Enumerable.Range(0, 2 * 4096).Select(_ => random.NextSingle())];
        GoldenOutput golden = GoldenOutput.Make("Features", values, rows: 2);
        Assert.AreEqual(GoldenForm.Projections, golden.Form);
        Assert.HasCount(32, golden.Values);
        Assert.AreEqual(0, golden.Difference(values));
        for (int trial = 0; trial < 20; trial++)
        {
            float[] changed = [.. values];
            changed[random.Next(values.Length)] += 0.1f;
            Assert.IsGreaterThan(1e-4, golden.Difference(changed));
        }
    }

    [TestMethod]
    public void Records_come_back_and_broken_ones_are_refused()
    {
        var record = new GoldenRecord(9, 2, 1e-4, [new("Score", GoldenForm.Probabilities, 2, [0.1f, 0.9f, 1, 0]), new("F", GoldenForm.Values, 1, [3, 4])]);
        string json = record.ToJson();
        Assert.AreEqual(json, GoldenRecord.FromJson(json).ToJson());
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)
        [
            ("\"version\":1", "\"version\":2"), ("\"rows\":2", "\"rows\":0"), ("\"rows\":2", "\"rows\":1000000000"), ("\"rows\":2", "\"rows\":3"),
            ("\"length\":2", "\"length\":2147483647"), ("\"length\":1", "\"length\":-1"), ("\"tolerance\":0.0001", "\"tolerance\":1e300"),
            ("probabilities", "hopes"), ("\"outputs\"", "\"puts\""), ("{\"version\"", "[\"version\""), ("\"data\":\"", "\"data\":\"?"), ("AAAAAA==", "AADAfw=="),
        ])
        {
            string broken = json.Replace(from, to, StringComparison.Ordinal);
            Assert.AreNotEqual(json, broken, from);
            Assert.ThrowsExactly<FormatException>(() => GoldenRecord.FromJson(broken), from);
        }

        var random = new Random(4);
        for (int i = 0; i < 2000; i++)
        {
            char[] text = json.ToCharArray();
            text[random.Next(text.Length)] = (char)random.Next(32, 127);
            try
            {
                GoldenRecord.FromJson(new string(text));
            }
            catch (FormatException)
            {
            }
        }
    }

    [TestMethod]
    public void Rows_that_do_not_fit_the_network_are_an_error_of_the_file()
    {
        using var folder = new TemporaryFolder();
        string Message(GoldenRecord record, ImagePreprocessing? preprocessing = null)
        {
            OnnxImageModelMetadata metadata = TestModel.Metadata with { GoldenRowsJson = record.ToJson() };
            metadata = preprocessing is null ? metadata : metadata with { PreprocessingJson = preprocessing.ToJson() };
            string path = TestModel.Write(folder, TestModel.Build(metadata: metadata));
            return Assert.ThrowsExactly<OnnxScoringException>(() => OnnxImageScorer.Load(path)).Message;
        }

        StringAssert.Contains(Message(new GoldenRecord(1, 1, 1e-4, [new("fc9", GoldenForm.Values, 1, [1])])), "'fc9'");
        StringAssert.Contains(Message(new GoldenRecord(1, 1, 1e-4, [new("Score", GoldenForm.Values, 3, [1, 2, 3])])), "7");
        ImagePreprocessing huge = TestModel.Preprocessing with { ShorterSide = 8192 };
        StringAssert.Contains(Message(new GoldenRecord(1, 16, 1e-4, [new("Score", GoldenForm.Values, 7, new float[112])]), huge), "at most");
    }

    private static float[] Softmax(double[] logits)
    {
        double sum = logits.Sum(Math.Exp);
        return [.. logits.Select(l => (float)(Math.Exp(l) / sum))];
    }
}
