using System.IO.Compression;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Scoring;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Deployment.Tests;

/// <summary>Networks in eight bits against the float32 ones that they were made of, on real pictures.</summary>
[TestClass]
public sealed class EightBitTests
{
    private static readonly string[] DataSetOrder = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    private static string Fashion => Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet", "model.onnx");

    [TestMethod]
    public void A_trained_network_loses_at_most_a_point_of_accuracy()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("int8.onnx");
        ModelDeployment.Write(Fashion, path, new DeploymentOptions { Precision = OnnxPrecision.Int8, Calibration = Pictures("train-10000").Take(256).Select(picture => picture.Image) });
        double before = Accuracy(Fashion), after = Accuracy(path);
        Console.WriteLine($"top-1 {before} in float32, {after} in eight bits");
        Assert.IsGreaterThan(before - 0.01, after);
        Assert.IsLessThan(0.4, new FileInfo(path).Length / (double)new FileInfo(Fashion).Length);
        Assert.AreEqual(OnnxPrecision.Int8, OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(path)).Precision);
        Assert.IsNotNull(GoldenRows.Check(path));
    }

    [TestMethod]
    public void Weights_are_steps_of_their_channel_and_nothing_of_float32_is_left_of_them()
    {
        using var folder = new TemporaryFolder();
        ImagePreprocessing preprocessing = new() { ShorterSide = 32, CropSide = 32 };
        string source = SmallNetwork.Write(folder, preprocessing), path = folder.File("int8.onnx");
        ModelDeployment.Write(source, path, new DeploymentOptions { Precision = OnnxPrecision.Int8, Calibration = Pictures("t10k-2000").Take(20).Select(picture => picture.Image) });
        GraphProto before = OnnxFile.Read(source).Graph, after = OnnxFile.Read(path).Graph;
        foreach (TensorProto weight in before.Initializer.Where(tensor => tensor.Name.EndsWith("weight", StringComparison.Ordinal)))
        {
            TensorProto bytes = after.Initializer.Single(tensor => tensor.Name == $"{weight.Name}.s8");
            float[] scales = Floats(after.Initializer.Single(tensor => tensor.Name == $"{weight.Name}.s8.scale")), values = Floats(weight);
            Assert.AreEqual((int)DataType.Int8, bytes.DataType);
            int channel = values.Length / scales.Length;
            for (int i = 0; i < values.Length; i++)
            {
                int step = (sbyte)bytes.RawData[i];
                Assert.IsTrue(step is >= -64 and <= 64, "two products of 255 and 64 are what processors without VNNI add without loss");
                Assert.AreEqual(values[i], step * scales[i / channel], scales[i / channel] * 0.501f, $"{weight.Name}[{i}]");
            }

            for (int c = 0; c < scales.Length; c++)
            {
                float largest = values.Skip(c * channel).Take(channel).Max(Math.Abs);
                Assert.AreEqual(largest / 64, scales[c], 1e-6f * largest);
            }
        }

        Assert.IsFalse(after.Initializer.Any(tensor => tensor.Name.EndsWith(".weight", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(OnnxInputForm.Window)]
    [DataRow(OnnxInputForm.TenCrop)]
    public void Preprocessing_goes_inside_as_well(OnnxInputForm form)
    {
        using var folder = new TemporaryFolder();
        ImagePreprocessing preprocessing = new() { ShorterSide = 36, CropSide = 32, Mean = [0.3f, 0.3f, 0.3f], StandardDeviation = [0.3f, 0.3f, 0.3f] };
        string source = SmallNetwork.Write(folder, preprocessing), exact = folder.File("fp32.onnx"), path = folder.File("int8.onnx");
        RgbImage[] pictures = [.. Pictures("t10k-2000").Take(40).Select(picture => picture.Image)];
        ModelDeployment.Write(source, exact, new DeploymentOptions { InputForm = form });
        ModelDeployment.Write(source, path, new DeploymentOptions { InputForm = form, Precision = OnnxPrecision.Int8, Calibration = pictures });
        VariantComparison found = VariantComparison.Measure(exact, path, pictures);
        Assert.AreEqual(40, found.Pictures);
        Assert.IsGreaterThanOrEqualTo(36, found.SameFirst);
        Assert.IsGreaterThan(0, found.Rate);
        Assert.IsGreaterThan(0, found.SourceRate);
    }

    [TestMethod]
    public void Pictures_are_needed_and_a_value_that_is_not_finite_is_named()
    {
        using var folder = new TemporaryFolder();
        ImagePreprocessing preprocessing = new() { ShorterSide = 32, CropSide = 32 };
        string source = SmallNetwork.Write(folder, preprocessing), path = folder.File("int8.onnx");
        Assert.Contains("calibration pictures", Assert.ThrowsExactly<ArgumentException>(() => ModelDeployment.Write(source, path, new DeploymentOptions { Precision = OnnxPrecision.Int8 })).Message);
        Assert.Contains("no calibration pictures", Assert.ThrowsExactly<ArgumentException>(() => ModelDeployment.Write(source, path, new DeploymentOptions { Precision = OnnxPrecision.Int8, Calibration = [] })).Message);
        ModelProto model = OnnxFile.Read(source);
        TensorProto bias = model.Graph.Initializer.Single(tensor => tensor.Name == "conv1.bias");
        byte[] bytes = bias.RawData.ToByteArray();
        BitConverter.TryWriteBytes(bytes, float.NaN);
        bias.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        OnnxFile.Write(model, source);
        var options = new DeploymentOptions { Precision = OnnxPrecision.Int8, Calibration = [new RgbImage(32, 32)] };
        Assert.Contains("NaN", Assert.ThrowsExactly<OnnxFormatException>(() => ModelDeployment.Write(source, path, options)).Message);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => ModelDeployment.Write(source, path, options, stopped.Token));
        Assert.IsFalse(File.Exists(path));
    }

    private static double Accuracy(string model)
    {
        using var scorer = OnnxImageScorer.Load(model);
        string[] labels = [.. Pictures("t10k-2000").Select(picture => picture.Label)];
        return scorer.Score(Pictures("t10k-2000").Select((picture, i) => ImageInput.FromBytes(picture.Png, $"test picture {i}"))).Count(score => scorer.Labels[score.BestClass] == labels[score.Index]) / (double)labels.Length;
    }

    private static IEnumerable<(RgbImage Image, byte[] Png, string Label)> Pictures(string name)
    {
        byte[] images = Unpack($"{name}-images-idx3-ubyte.gz")[16..], labels = Unpack($"{name}-labels-idx1-ubyte.gz")[8..];
        return Enumerable.Range(0, labels.Length).Select(i =>
        {
            byte[] png = PngEncoder.EncodeGray(28, 28, images.AsSpan(784 * i, 784));
            return (ImageDecoders.Default.Decode(png), png, DataSetOrder[labels[i]]);
        });
    }

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }

    private static float[] Floats(TensorProto tensor) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
}
