using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Deployment.Tests;

/// <summary>Files with preprocessing inside against the scorer's own preprocessing of the same pictures.</summary>
[TestClass]
public sealed class PictureInputTests
{
    private static readonly string[] Pictures = [.. Directory.EnumerateFiles("vectors", "*.jpg").Order(StringComparer.Ordinal).Take(6)];

    public static IEnumerable<object[]> Preprocessings()
    {
        var random = new Random(5);
        yield return ["mean colour", new ImagePreprocessing { ShorterSide = 37, CropSide = 32, Mean = [0.49f, 0.45f, 0.41f], StandardDeviation = [0.2f, 0.25f, 0.3f] }];
        yield return ["mean colour, blue first", new ImagePreprocessing { ShorterSide = 40, CropSide = 32, Mean = [110, 115, 120], RescaleFactor = 1, ChannelOrder = ChannelOrder.Bgr, StandardDeviation = [1, 2, 3] }];
        yield return ["mean image", new ImagePreprocessing { ShorterSide = 39, CropSide = 32, RescaleFactor = 1, MeanImage = new MeanImage(39, [.. Enumerable.Range(0, 3 * 39 * 39).Select(_ => random.NextSingle() * 255)]) }];
        yield return ["mean image, blue first", new ImagePreprocessing { ShorterSide = 38, CropSide = 32, ChannelOrder = ChannelOrder.Bgr, MeanImage = new MeanImage(38, [.. Enumerable.Range(0, 3 * 38 * 38).Select(_ => random.NextSingle())]) }];
        yield return ["no window", new ImagePreprocessing { ShorterSide = 32, CropSide = 32 }];
    }

    [TestMethod]
    [DynamicData(nameof(Preprocessings))]
    public void The_file_gives_the_scorers_own_scores(string name, ImagePreprocessing preprocessing)
    {
        using var folder = new TemporaryFolder();
        string source = SmallNetwork.Write(folder, preprocessing);
        float[][] expected = Score(source);
        Assert.IsGreaterThan(1e-3, expected.Max(row => Math.Abs(row[0] - expected[0][0])), "the pictures differ");
        foreach (OnnxInputForm form in (OnnxInputForm[])[OnnxInputForm.Window, OnnxInputForm.Square])
        {
            string path = folder.File($"{form}.onnx");
            ModelDeployment.Write(source, path, new DeploymentOptions { InputForm = form });
            AssertClose(expected, Score(path), $"{name}, {form}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Preprocessings))]
    public void Ten_windows_inside_are_the_mean_over_ten_windows_outside(string name, ImagePreprocessing preprocessing)
    {
        using var folder = new TemporaryFolder();
        string source = SmallNetwork.Write(folder, preprocessing), path = folder.File("ten.onnx");
        ModelDeployment.Write(source, path, new DeploymentOptions { InputForm = OnnxInputForm.TenCrop });
        using var network = OnnxImageNetwork.Load(source);
        int side = preprocessing.ShorterSide, crop = preprocessing.CropSide, far = side - crop;
        int centre = (int)Math.Round(far / 2.0, MidpointRounding.ToEven), length = 3 * crop * crop;
        float[][] expected = [.. Pictures.Select(picture =>
        {
            byte[] square = new byte[3 * side * side];
            preprocessing.ToPixels(ImageFile.Load(picture), side, square);
            float[] windows = new float[10 * length];
            (int, int)[] corners = [(0, 0), (far, 0), (0, far), (far, far), (centre, centre)];
            for (int window = 0; window < 10; window++)
            {
                (int left, int top) = corners[window % 5];
                preprocessing.CropToTensor(square, side, side, left, top, flip: window >= 5, windows.AsSpan(window * length, length));
            }

            float[] scores = network.Score(windows, 10);
            return Enumerable.Range(0, SmallNetwork.Classes).Select(c => (float)Enumerable.Range(0, 10).Average(w => (double)scores[(w * SmallNetwork.Classes) + c])).ToArray();
        })];
        AssertClose(expected, Score(path), name);
    }

    [TestMethod]
    [DataRow(13)]
    [DataRow(18)]
    [DataRow(21)]
    public void Other_operator_sets_give_the_same(int opset)
    {
        using var folder = new TemporaryFolder();
        var preprocessing = new ImagePreprocessing { ShorterSide = 36, CropSide = 32, Mean = [0.5f, 0.5f, 0.5f] };
        string source = SmallNetwork.Write(folder, preprocessing), other = SmallNetwork.Write(folder, preprocessing, opset, "other.onnx");
        ModelDeployment.Write(source, source, new DeploymentOptions { InputForm = OnnxInputForm.TenCrop });
        ModelDeployment.Write(other, other, new DeploymentOptions { InputForm = OnnxInputForm.TenCrop });
        AssertClose(Score(source), Score(other), $"opset {opset}");
    }

    [TestMethod]
    public void A_plain_runtime_needs_the_bytes_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var preprocessing = new ImagePreprocessing { ShorterSide = 36, CropSide = 32, Mean = [0.5f, 0.4f, 0.3f], StandardDeviation = [0.2f, 0.2f, 0.2f] };
        string source = SmallNetwork.Write(folder, preprocessing), path = folder.File("square.onnx");
        ModelDeployment.Write(source, path, new DeploymentOptions { InputForm = OnnxInputForm.Square });
        using var session = new InferenceSession(path);
        Assert.AreEqual(typeof(byte), session.InputMetadata[PictureInput.InputName].ElementType);
        CollectionAssert.AreEqual(new[] { -1, 36, 36, 3 }, session.InputMetadata[PictureInput.InputName].Dimensions);
        byte[] pixels = new byte[36 * 36 * 3];
        preprocessing.ToPixels(ImageFile.Load(Pictures[0]), 36, pixels);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 36, 36, 3]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [PictureInput.InputName], [input], ["Score"]);
        AssertClose([Score(source)[0]], [outputs[0].GetTensorDataAsSpan<float>().ToArray()], "plain");

        using OnnxImageNetwork network = OnnxImageNetwork.Load(path);
        Assert.AreEqual(OnnxInputForm.Square, network.InputForm);
        AssertClose([Score(source)[0]], [network.Score(pixels, 1)], "network");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.Score(new float[9000], 1)).Message, "takes bytes");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.Score(pixels, 2)).Message, "fewer");
    }

    [TestMethod]
    public void A_variant_is_not_made_of_a_variant()
    {
        using var folder = new TemporaryFolder();
        string source = SmallNetwork.Write(folder, new ImagePreprocessing { ShorterSide = 36, CropSide = 32 }), path = folder.File("square.onnx");
        ModelDeployment.Write(source, path, new DeploymentOptions { InputForm = OnnxInputForm.Square });
        byte[] before = File.ReadAllBytes(path);
        StringAssert.Contains(
            Assert.ThrowsExactly<OnnxFormatException>(() => ModelDeployment.Write(path, path, new DeploymentOptions())).Message, "variant itself");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void A_precision_that_is_not_made_is_refused()
    {
        using var folder = new TemporaryFolder();
        string source = SmallNetwork.Write(folder, new ImagePreprocessing { ShorterSide = 36, CropSide = 32 });
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ModelDeployment.Write(source, folder.File("int8.onnx"), new DeploymentOptions { Precision = (OnnxPrecision)9 })).Message, "9");
        Assert.IsFalse(File.Exists(folder.File("int8.onnx")));
    }

    private static float[][] Score(string path)
    {
        using var scorer = OnnxImageScorer.Load(path, new OnnxImageScorerOptions { BatchSize = 4 });
        return [.. scorer.Score(Pictures.Select(ImageInput.FromFile)).Select(s => s.Probabilities.ToArray())];
    }

    private static void AssertClose(float[][] expected, float[][] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        double worst = expected.Zip(actual).Max(pair => pair.First.Zip(pair.Second).Max(p => Math.Abs(p.First - p.Second)));
        Assert.IsLessThanOrEqualTo(1e-6, worst, what);
    }
}
