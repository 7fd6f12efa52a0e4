using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring.Tests;

/// <summary>
/// Row for row what ONNX Runtime gives on the same pixels. On the same batches the numbers are equal to the last bit. Against one call with
/// all rows at once they are equal to 1e-6 of the largest: ONNX Runtime may block a matrix product of 1,000 rows otherwise than one of 16.
/// </summary>
[TestClass]
public sealed class ScoringEqualityTests
{
    private const int Batch = 16;

    public static IEnumerable<object[]> Counts => [[0], [1], [Batch - 1], [Batch], [Batch + 1], [1000]];

    [TestMethod]
    [DynamicData(nameof(Counts))]
    public void Rows_equal_one_call_of_onnx_runtime(int rows)
    {
        using var folder = new TemporaryFolder();
        string model = TestModel.Write(folder);
        using var reference = new Reference(model);
        using var scorer = OnnxImageScorer.Load(folder.Path, new OnnxImageScorerOptions { BatchSize = Batch, DecodeThreads = 5 });
        byte[][] pictures = TestModel.Pictures(rows);
        string[] files = WriteFiles(folder, pictures);

        ImageScore[] scores = [.. scorer.Score(files.Select(ImageInput.FromFile))];

        CollectionAssert.AreEqual(files, scores.Select(s => s.Source).ToArray());
        AssertEqualBits(reference.Batches(pictures, Batch), scores);
        AssertClose(reference.OneCall(pictures), scores);
        Assert.IsTrue(rows < 1000 || scores.Select(s => s.BestClass).Distinct().Count() >= 4, "the pictures are of several classes");
    }

    [TestMethod]
    [DynamicData(nameof(Counts))]
    public void Marked_rows_leave_the_others_untouched(int rows)
    {
        using var folder = new TemporaryFolder();
        using var reference = new Reference(TestModel.Write(folder));
        using var scorer = OnnxImageScorer.Load(
            folder.Path, new OnnxImageScorerOptions { BatchSize = Batch, DecodeThreads = 3, OnInvalidImage = InvalidImageHandling.Mark });
        byte[]?[] pictures = TestModel.Pictures(rows);
        var inputs = new ImageInput[rows];
        string[] expected = new string[rows];
        for (int i = 0; i < rows; i++)
        {
            byte[] whole = pictures[i]!;
            (inputs[i], expected[i]) = (i % 11) switch
            {
                1 => (Missing($"missing{i}.png"), $"missing{i}.png"),
                3 => (Broken("this is a text", i), $"broken{i}.png"),
                5 => (ImageInput.FromBytes(whole.AsMemory(0, whole.Length / 2), $"half{i}"), $"half{i}"),
                7 => (ImageInput.FromBytes(default, $"nothing{i}"), $"nothing{i}"),
                8 => (ImageInput.FromFile(string.Empty), "no image path"),
                _ => (ImageInput.FromBytes(whole, $"good{i}"), string.Empty),
            };
            if (expected[i].Length > 0)
            {
                pictures[i] = null;
            }
        }

        ImageScore[] scores = [.. scorer.Score(inputs)];

        AssertEqualBits(reference.Batches(pictures, Batch), scores, expected);
        AssertClose(reference.OneCall(pictures), scores, expected);

        ImageInput Missing(string name) => folder.File(name);

        ImageInput Broken(string content, int row)
        {
            string path = folder.File($"broken{row}.png");
            File.WriteAllText(path, content);
            return path;
        }
    }

    [TestMethod]
    public void Neighbours_of_a_broken_row_keep_every_bit()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using var scorer = OnnxImageScorer.Load(folder.Path, new OnnxImageScorerOptions { BatchSize = Batch, OnInvalidImage = InvalidImageHandling.Mark });
        byte[][] pictures = TestModel.Pictures(40);
        ImageScore[] whole = [.. scorer.Score(pictures.Select(p => ImageInput.FromBytes(p)))];
        ImageScore[] holed = [.. scorer.Score(pictures.Select((p, i) => ImageInput.FromBytes(i is 4 or 20 or 39 ? p.AsMemory(0, 30) : p)))];
        for (int i = 0; i < pictures.Length; i++)
        {
            Assert.AreEqual(i is 4 or 20 or 39, holed[i].Error is not null);
            if (holed[i].Error is null)
            {
                CollectionAssert.AreEqual(whole[i].Probabilities.ToArray(), holed[i].Probabilities.ToArray());
            }
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(Batch - 1)]
    [DataRow(Batch)]
    [DataRow(Batch + 5)]
    public void Stop_delivers_the_rows_before_and_names_path_and_row(int bad)
    {
        using var folder = new TemporaryFolder();
        using var reference = new Reference(TestModel.Write(folder));
        using var scorer = OnnxImageScorer.Load(folder.Path, new OnnxImageScorerOptions { BatchSize = Batch });
        byte[][] pictures = TestModel.Pictures(100);
        string[] files = WriteFiles(folder, pictures);
        File.WriteAllText(files[70], "not the first one");

        var scores = new List<ImageScore>();
        File.WriteAllBytes(files[bad], pictures[bad][..(pictures[bad].Length / 2)]);
        var broken = Assert.ThrowsExactly<ImageFormatException>(() => scores.AddRange(files.Select(ImageInput.FromFile), scorer));
        StringAssert.StartsWith(broken.Message, $"Row {bad}: {files[bad]}: ");
        AssertClose(reference.OneCall(pictures[..bad]), [.. scores]);

        scores.Clear();
        File.Delete(files[bad]);
        var missing = Assert.ThrowsExactly<FileNotFoundException>(() => scores.AddRange(files.Select(ImageInput.FromFile), scorer));
        StringAssert.StartsWith(missing.Message, $"Row {bad}: ");
        StringAssert.Contains(missing.Message, files[bad]);
        Assert.AreEqual(files[bad], missing.FileName);
        Assert.HasCount(bad, scores);
    }

    [TestMethod]
    public void A_folder_in_place_of_a_file_and_a_missing_folder_are_invalid_images()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using var scorer = OnnxImageScorer.Load(folder.Path, new OnnxImageScorerOptions { OnInvalidImage = InvalidImageHandling.Mark });
        ImageScore[] scores = [.. scorer.Score([folder.Path, folder.File("no/such.png"), "null\0character", default])];
        Assert.HasCount(4, scores);
        Assert.IsTrue(scores.All(s => s.Error is not null && s.BestClass == -1 && s.Probabilities.IsEmpty));

        using var strict = OnnxImageScorer.Load(folder.Path);
        Assert.Contains("this is a folder", Assert.ThrowsExactly<ImageFormatException>(() => strict.Score([folder.Path]).Count()).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => strict.Score([folder.File("no/such.png")]).Count());
    }

    internal static string[] WriteFiles(TemporaryFolder folder, byte[][] pictures) => [.. pictures.Select((picture, i) =>
    {
        string path = folder.File($"{i}.png");
        File.WriteAllBytes(path, picture);
        return path;
    })];

    internal static void AssertEqualBits(float[][] expected, ImageScore[] actual, string[]? errors = null)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(i, actual[i].Index);
            if (errors?[i].Length > 0)
            {
                StringAssert.Contains(actual[i].Error, errors[i]);
                Assert.AreEqual(-1, actual[i].BestClass);
                Assert.IsTrue(actual[i].Probabilities.IsEmpty);
            }
            else
            {
                Assert.IsNull(actual[i].Error);
                CollectionAssert.AreEqual(expected[i], actual[i].Probabilities.ToArray(), $"row {i}");
                Assert.AreEqual(Array.IndexOf(expected[i], expected[i].Max()), actual[i].BestClass);
            }
        }
    }

    private static void AssertClose(float[][] expected, ImageScore[] actual, string[]? errors = null)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            if (errors is null || errors[i].Length == 0)
            {
                float largest = expected[i].Max();
                float difference = expected[i].Zip(actual[i].Probabilities.ToArray(), (e, a) => Math.Abs(e - a)).Max();
                Assert.IsLessThanOrEqualTo(1e-6f * largest, difference, $"row {i}");
            }
        }
    }
}

/// <summary>Collects rows as they come, so that those before an exception are seen.</summary>
internal static class ScoreListExtensions
{
    public static void AddRange(this List<ImageScore> scores, IEnumerable<ImageInput> images, OnnxImageScorer scorer)
    {
        foreach (ImageScore score in scorer.Score(images))
        {
            scores.Add(score);
        }
    }
}
