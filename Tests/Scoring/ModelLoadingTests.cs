using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Scoring.Tests;

[TestClass]
public sealed class ModelLoadingTests
{
    private static readonly OnnxImageModelMetadata Nothing = new();

    [TestMethod]
    public void A_model_says_what_it_is()
    {
        using var folder = new TemporaryFolder();
        string path = TestModel.Write(folder);
        using var scorer = OnnxImageScorer.Load(path);
        Assert.AreEqual(path, scorer.ModelPath);
        Assert.AreEqual(OnnxSessions.CpuProvider, scorer.Provider);
        Assert.AreEqual(TestModel.Preprocessing, scorer.Preprocessing);
        CollectionAssert.AreEqual(TestModel.Labels, scorer.Labels.ToArray());
        CollectionAssert.AreEqual(TestModel.Labels, OnnxImageScorer.ReadLabels(folder.Path).ToArray());
        Assert.IsNull(scorer.FallbackReason);
        Assert.IsNull(scorer.DecoderNote);
    }

    [TestMethod]
    public void Metadata_wins_over_the_files_beside_which_serve_where_it_is_silent()
    {
        using var folder = new TemporaryFolder();
        string[] others = [.. TestModel.Labels.Select(l => "other " + l)];
        ImagePreprocessing otherPixels = TestModel.Preprocessing with { Mean = [0, 0, 0] };
        File.WriteAllLines(folder.File("labels.txt"), others);
        File.WriteAllText(folder.File("preprocessor_config.json"), otherPixels.ToJson());

        TestModel.Write(folder);
        using (var scorer = OnnxImageScorer.Load(folder.Path))
        {
            CollectionAssert.AreEqual(TestModel.Labels, scorer.Labels.ToArray());
            Assert.AreEqual(TestModel.Preprocessing, scorer.Preprocessing);
        }

        TestModel.Write(folder, TestModel.Build(metadata: Nothing));
        using (var scorer = OnnxImageScorer.Load(folder.Path))
        {
            CollectionAssert.AreEqual(others, scorer.Labels.ToArray());
            Assert.AreEqual(otherPixels, scorer.Preprocessing);
        }
    }

    [TestMethod]
    public void Another_decoder_is_noted_and_no_error()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder, TestModel.Build(metadata: TestModel.Metadata with { Decoder = "Codec 9" }));
        using var scorer = OnnxImageScorer.Load(folder.Path);
        StringAssert.Contains(scorer.DecoderNote, "Codec 9");
        StringAssert.Contains(scorer.DecoderNote, ImageDecoders.Default.Name);

        TestModel.Write(folder, TestModel.Build(metadata: TestModel.Metadata with { Decoder = ImageDecoders.Default.Name }));
        using var same = OnnxImageScorer.Load(folder.Path);
        Assert.IsNull(same.DecoderNote);
    }

    [TestMethod]
    public void What_does_not_fit_is_said_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, TestModel.Build(metadata: Nothing), "labels.txt");
        Refused(folder, TestModel.Build(metadata: Nothing with { Labels = TestModel.Labels }), "preprocessor_config.json");
        Refused(folder, TestModel.Build(metadata: TestModel.Metadata with { Labels = ["one", "two"] }), "7 scores", "2 labels");
        Refused(folder, TestModel.Build(metadata: TestModel.Metadata with { PreprocessingJson = "{}" }), "metadata of", "size");
        Refused(folder, TestModel.Build(batch: 4), "4 pictures at a time", "dynamic first axis");
        Refused(folder, TestModel.Build(side: 32), "32", "24 x 24");
        Refused(folder, TestModel.Build(channels: 1), "1 channels");
        Refused(folder, TestModel.Build(inputType: DataType.Uint8), "UInt8", "float32");
        Refused(folder, TestModel.Build(secondInput: true), "2 inputs", "other");
        Refused(folder, TestModel.Build(output: "probabilities", secondOutput: true), "2 outputs", "Score");

        File.WriteAllText(folder.File("labels.txt"), "a\n\nb\n");
        Refused(folder, TestModel.Build(metadata: Nothing), "line 2");
        File.WriteAllText(folder.File("labels.txt"), string.Empty);
        Refused(folder, TestModel.Build(metadata: Nothing), "line 1");

        var flat = new OnnxGraphBuilder("flat");
        flat.AddInput("input", DataType.Float, "batch", 7);
        flat.AddNode("Softmax", ["input"], ["Score"]);
        flat.AddOutput("Score", DataType.Float, "batch", 7);
        Refused(folder, flat.Build(metadata: TestModel.Metadata.ToDictionary()), "[batch, 7]", "[batch, 3, side, side]");
    }

    [TestMethod]
    public void One_output_of_another_name_is_the_score()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder, TestModel.Build(output: "probabilities"));
        using var scorer = OnnxImageScorer.Load(folder.Path);
        Assert.AreEqual(TestModel.Classes, scorer.Score([ImageInput.FromBytes(TestModel.Pictures(1)[0])]).Single().Probabilities.Length);
    }

    [TestMethod]
    public void Damaged_and_missing_files_are_named()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Message(folder.Path), "model.onnx");
        StringAssert.Contains(Message(folder.File("nowhere.onnx")), "nowhere.onnx");

        string path = TestModel.Write(folder);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        StringAssert.Contains(Message(path), "ends early");
        File.WriteAllText(path, "this is not a model");
        StringAssert.Contains(Message(path), "cannot be read");
        File.WriteAllBytes(path, []);
        StringAssert.Contains(Message(path), "not an ONNX model");

        // Behind valid metadata a graph that runs in a circle, and a weight of other bytes than its shape says: found here, not by ONNX Runtime.
        OnnxModel circle = TestModel.Build();
        circle.Proto.Graph.Node[0].Input[0] = circle.Proto.Graph.Node[1].Output[0];
        OnnxFile.Write(circle, path);
        StringAssert.Contains(Message(path), "runs in a circle");
        StringAssert.Contains(Assert.ThrowsExactly<OnnxScoringException>(() => OnnxSessions.Create(path)).Message, "runs in a circle");
        OnnxModel misfit = TestModel.Build();
        misfit.Proto.Graph.Initializer.Add(new Onnx.Proto.TensorProto { Name = "misfit", DataType = (int)DataType.Float, Dims = { 1L << 40 } });
        OnnxFile.Write(misfit, path);
        StringAssert.Contains(Message(path), "misfit");
        StringAssert.Contains(Assert.ThrowsExactly<OnnxScoringException>(() => OnnxSessions.Create(folder.File("nowhere.onnx"))).Message, "does not exist");

        // A well-formed file whose graph no runtime can run.
        OnnxModel unknown = TestModel.Build();
        unknown.Proto.Graph.Node[0].OpType = "NoSuchOperator";
        OnnxFile.Write(unknown, path);
        StringAssert.Contains(Message(path), "ONNX Runtime");
        StringAssert.Contains(Message(path), "NoSuchOperator");
    }

    [TestMethod]
    public void Options_out_of_range_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = TestModel.Write(folder);
        foreach (OnnxImageScorerOptions options in (OnnxImageScorerOptions[])
        [
            new() { BatchSize = 0 },
            new() { DecodeThreads = -1 },
            new() { RuntimeThreads = -1 },
            new() { OnInvalidImage = (InvalidImageHandling)7 },
        ])
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OnnxImageScorer.Load(path, options));
        }

        ImagePreprocessing large = TestModel.Preprocessing with { ShorterSide = 4096, CropSide = 4096 };
        TestModel.Write(folder, TestModel.Build(metadata: TestModel.Metadata with { PreprocessingJson = large.ToJson() }));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OnnxImageScorer.Load(path));
        StringAssert.Contains(error.Message, "smaller BatchSize");
    }

    [TestMethod]
    public void Cuda_where_there_is_none_is_an_error_or_the_fallback_that_was_asked_for()
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains(OnnxSessions.CudaProvider))
        {
            Assert.Inconclusive("This build of ONNX Runtime has the CUDA provider.");
        }

        using var folder = new TemporaryFolder();
        string path = TestModel.Write(folder);
        var error = Assert.ThrowsExactly<OnnxScoringException>(
            () => OnnxImageScorer.Load(path, new OnnxImageScorerOptions { Device = OnnxDevice.Cuda() }));
        StringAssert.Contains(error.Message, OnnxSessions.CudaProvider);
        StringAssert.Contains(error.Message, "Microsoft.ML.OnnxRuntime.Gpu");

        using var scorer = OnnxImageScorer.Load(path, new OnnxImageScorerOptions { Device = OnnxDevice.Cuda(1, fallbackToCpu: true) });
        Assert.AreEqual(OnnxSessions.CpuProvider, scorer.Provider);
        StringAssert.Contains(scorer.FallbackReason, OnnxSessions.CudaProvider);
        Assert.AreEqual(3, scorer.Score(TestModel.Pictures(3).Select(p => ImageInput.FromBytes(p))).Count());

        // The model's own fault is not blamed on CUDA.
        OnnxModel unknown = TestModel.Build();
        unknown.Proto.Graph.Node[0].OpType = "NoSuchOperator";
        OnnxFile.Write(unknown, path);
        error = Assert.ThrowsExactly<OnnxScoringException>(
            () => OnnxImageScorer.Load(path, new OnnxImageScorerOptions { Device = OnnxDevice.Cuda() }));
        StringAssert.Contains(error.Message, "NoSuchOperator");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OnnxDevice.Cuda(-1));
    }

    [TestMethod]
    public void A_provider_library_that_does_not_load_is_quoted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("provider.so"), "no library");
        string? missing = CudaDiagnosis.MissingLibrary([folder.File("absent.so"), folder.File("provider.so")]);
        StringAssert.Contains(missing, "provider.so");
        Assert.IsNull(CudaDiagnosis.MissingLibrary([folder.File("absent.so")]));
    }

    private static void Refused(TemporaryFolder folder, OnnxModel model, params string[] parts)
    {
        string message = Message(TestModel.Write(folder, model));
        foreach (string part in parts)
        {
            StringAssert.Contains(message, part);
        }
    }

    private static string Message(string path) => Assert.ThrowsExactly<OnnxScoringException>(() => OnnxImageScorer.Load(path)).Message;
}
