using System.Text.Json.Nodes;
using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring.Tests;

/// <summary>What is wrong with pictures is written down; what is wrong with storage, model or command stops a job and spoils nothing.</summary>
[TestClass]
public sealed class JobErrorTests : IDisposable
{
    private const int Batch = 8, Pictures = 90, Limit = 20;
    private readonly TemporaryFolder _folder = new();
    private readonly string _output;

    public JobErrorTests()
    {
        TestModel.Write(_folder);
        Directory.CreateDirectory(_folder.File("pictures"));
        byte[][] pictures = TestModel.Pictures(Pictures);
        for (int i = 0; i < Pictures; i++)
        {
            File.WriteAllBytes(Picture(i), pictures[i]);
        }

        File.WriteAllLines(_folder.File("list.txt"), Enumerable.Range(0, Pictures).Select(i => $"pictures/{i}.png"));
        _output = _folder.File("r.jsonl");
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("jsonl")]
    [DataRow("csv")]
    public void Storage_that_is_away_stops_the_job_whose_rows_are_those_of_before_and_it_goes_on(string kind)
    {
        string whole = _folder.File($"whole.{kind}"), output = _folder.File($"r.{kind}");
        Run(Options(whole));

        // Away from the 37th picture on: within a batch.
        for (int i = 37; i < Pictures; i++)
        {
            File.Move(Picture(i), Picture(i) + ".away");
        }

        ConsecutiveErrorsException error = Assert.ThrowsExactly<ConsecutiveErrorsException>(() => Run(Options(output)));
        Assert.AreEqual((Limit, $"pictures/{37 + Limit - 1}.png"), (error.Count, error.PictureSource));
        Assert.AreEqual(32, (int)JsonNode.Parse(File.ReadAllText(output + ".job"))!["rows"]!);
        byte[] kept = File.ReadAllBytes(output);
        CollectionAssert.AreEqual(File.ReadAllBytes(whole)[..kept.Length], kept);
        Assert.ThrowsExactly<ConsecutiveErrorsException>(() => Run(Options(output) with { Resume = true }));
        CollectionAssert.AreEqual(kept, File.ReadAllBytes(output));
        for (int i = 37; i < Pictures; i++)
        {
            File.Move(Picture(i) + ".away", Picture(i));
        }

        Assert.AreEqual(0, Run(Options(output) with { Resume = true }).Errors);
        CollectionAssert.AreEqual(File.ReadAllBytes(whole), File.ReadAllBytes(output));
    }

    [TestMethod]
    public void A_resumed_job_takes_back_no_row_of_an_earlier_session()
    {
        // Nothing is certain of the 13 rows that stand there, so that it begins within a batch.
        Run(Options(_output));
        File.WriteAllLines(_output, File.ReadAllLines(_output)[..13]);
        var state = JsonNode.Parse(File.ReadAllText(_output + ".job"))!;
        (state["rows"], state["bytes"], state["read"], state["total"], state["input"], state["complete"]) = (0, 0, null, null, null, false);
        File.WriteAllText(_output + ".job", state.ToJsonString());
        byte[] kept = File.ReadAllBytes(_output);
        for (int i = 14; i < Pictures; i++)
        {
            File.Delete(Picture(i));
        }

        Assert.ThrowsExactly<ConsecutiveErrorsException>(() => Run(Options(_output) with { Resume = true }));
        CollectionAssert.AreEqual(kept, File.ReadAllBytes(_output));
    }

    [TestMethod]
    public void As_many_as_are_allowed_or_all_where_there_is_no_limit_are_rows()
    {
        for (int i = 10; i < 10 + Limit - 1; i++)
        {
            File.Delete(Picture(i));
        }

        File.Delete(Picture(50));
        Assert.AreEqual(Limit, Run(Options(_output)).Errors);
        Directory.Delete(_folder.File("pictures"), recursive: true);
        Assert.AreEqual(Pictures, Run(Options(_folder.File("none.jsonl")) with { MaxConsecutiveErrors = 0 }).Errors);
    }

    [TestMethod]
    public void Scores_that_are_no_numbers_are_errors()
    {
        OnnxFile.Write(Broken(), _folder.File("model.onnx"));
        Assert.AreEqual("the network's scores are no finite numbers", Assert.ThrowsExactly<ConsecutiveErrorsException>(() => Run(Options(_output))).Error);
        ScoringJobResult result = Run(Options(_output) with { MaxConsecutiveErrors = 0 });
        Assert.AreEqual(Pictures, result.Errors);
        Assert.IsTrue(File.ReadLines(_output).All(line => JsonNode.Parse(line)!.AsObject().ContainsKey("error")));
    }

    [TestMethod]
    public void A_job_that_fails_before_its_first_row_leaves_nothing_in_the_way()
    {
        File.WriteAllText(_folder.File("table.csv"), "file\npictures/0.png\n");
        Assert.ThrowsExactly<InvalidDataException>(() => Run(Options(_output) with { Pictures = PictureList.Open(_folder.File("table.csv")) }));
        using (var cancelled = new CancellationTokenSource())
        {
            cancelled.Cancel();
            using ScoringJob job = ScoringJob.Open(Options(_output));
            Assert.Throws<OperationCanceledException>(() => job.Run(cancellationToken: cancelled.Token));
        }

        Assert.IsEmpty(Directory.GetFiles(_folder.Path, "r.jsonl*"));
        Assert.AreEqual(1, Run(Options(_output) with { Pictures = PictureList.Open(_folder.File("table.csv"), "file") }).Rows);
    }

    [TestMethod]
    public void A_picture_that_memory_does_not_suffice_for_is_named()
    {
        Exception error = Assert.ThrowsExactly<InsufficientMemoryException>(() => Run(Options(_output) with { Scorer = new OnnxImageScorerOptions { BatchSize = Batch, Decoder = new HungryDecoder() } }));
        Assert.StartsWith($"Row 0, '{Picture(0)}': memory ran out", error.Message);
    }

    [TestMethod]
    public void A_picture_above_the_limit_is_a_row_with_an_error()
    {
        Assert.AreEqual(Pictures, Run(Options(_output) with { MaxConsecutiveErrors = 0, Scorer = new OnnxImageScorerOptions { BatchSize = Batch, Limits = new Imaging.ImageLimits { MaxPixels = 399 } } }).Errors);
        Assert.Contains("exceed the limit of 399 pixels", File.ReadLines(_output).First());
    }

    [TestMethod]
    public void Utf16_and_zero_separated_lists_are_refused()
    {
        File.WriteAllText(_folder.File("utf16.txt"), "pictures/0.png\n", new System.Text.UnicodeEncoding(bigEndian: false, byteOrderMark: false));
        File.WriteAllText(_folder.File("print0.txt"), "pictures/0.png\0pictures/1.png\0");
        File.WriteAllText(_folder.File("zero.csv"), "path\npictures/\0.png\n");
        foreach (string name in (string[])["utf16.txt", "print0.txt", "zero.csv"])
        {
            Assert.Contains("zero byte", Assert.ThrowsExactly<InvalidDataException>(() => Run(Options(_output) with { Pictures = PictureList.Open(_folder.File(name)) })).Message);
        }
    }

    private string Picture(int i) => _folder.File($"pictures/{i}.png");

    private static ScoringJobResult Run(ScoringJobOptions options)
    {
        using ScoringJob job = ScoringJob.Open(options);
        return job.Run();
    }

    private ScoringJobOptions Options(string output) => new()
    {
        Model = _folder.Path, Pictures = PictureList.Open(_folder.File("list.txt")), Output = output, MaxConsecutiveErrors = Limit, Scorer = new OnnxImageScorerOptions { BatchSize = Batch },
    };

    // The logarithm of minus the pixels' squares.
    private static OnnxModel Broken()
    {
        var graph = new OnnxGraphBuilder("broken");
        graph.AddInput("input", Onnx.Proto.TensorProto.Types.DataType.Float, "batch", 3, TestModel.Side, TestModel.Side);
        graph.AddNode("Flatten", ["input"], ["flat"]);
        graph.AddNode("Abs", ["flat"], ["positive"]);
        graph.AddNode("Neg", ["positive"], ["negative"]);
        graph.AddInitializer(OnnxTensor.Create("w", [3L * TestModel.Side * TestModel.Side, TestModel.Classes], Enumerable.Repeat(1f, 3 * TestModel.Side * TestModel.Side * TestModel.Classes).ToArray()));
        graph.AddNode("MatMul", ["negative", "w"], ["sums"]);
        graph.AddNode("Log", ["sums"], ["Score"]);
        graph.AddOutput("Score", Onnx.Proto.TensorProto.Types.DataType.Float, "batch", TestModel.Classes);
        return graph.Build(metadata: TestModel.Metadata.ToDictionary());
    }

    private sealed class HungryDecoder : Imaging.IImageDecoder
    {
        public string Name => "hungry";

        public Imaging.RgbImage Decode(ReadOnlySpan<byte> encoded) => throw new OutOfMemoryException();
    }
}
