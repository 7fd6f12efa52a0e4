using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Scoring.Tests;

/// <summary>A small network with the operators of a real one and seeded weights, large enough that classes differ from row to row.</summary>
internal static class TestModel
{
    public const int Side = 24;
    public const int Classes = 7;

    public static readonly ImagePreprocessing Preprocessing = new()
    {
        ShorterSide = 26,
        CropSide = Side,
        Mean = [0.5f, 0.4f, 0.3f],
        StandardDeviation = [0.2f, 0.25f, 0.3f],
    };

    public static readonly string[] Labels = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")];

    private static readonly Lazy<byte[][]> AllPictures = new(() =>
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 1000).Select(_ => Picture(random))];
    });

    public static OnnxImageModelMetadata Metadata => new() { Labels = Labels, PreprocessingJson = Preprocessing.ToJson() };

    /// <summary>Conv 5×5 → Relu → MaxPool → Conv 3×3 → Relu → MaxPool → Flatten → Gemm → Softmax.</summary>
    public static OnnxModel Build(
        OnnxDimension? batch = null,
        int side = Side,
        int channels = 3,
        string output = "Score",
        OnnxImageModelMetadata? metadata = null,
        DataType inputType = DataType.Float,
        bool secondOutput = false,
        bool secondInput = false)
    {
        var random = new Random(2012);
        IOnnxTensorSource Weights(string name, params long[] shape)
        {
            int count = (int)shape.Aggregate(1L, (a, b) => a * b);
            float scale = 2 / MathF.Sqrt(count / (float)shape[0]);
            return OnnxTensor.Create(name, shape, Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 2) - 1) * scale).ToArray());
        }

        OnnxDimension rows = batch ?? "batch";
        int pooled = side / 4;
        var graph = new OnnxGraphBuilder("test");
        graph.AddInput("input", inputType, rows, channels, side, side);
        string start = "input";
        if (inputType != DataType.Float)
        {
            graph.AddNode("Cast", ["input"], ["cast"], OnnxAttribute.Int("to", (long)DataType.Float));
            start = "cast";
        }

        graph.AddInitializer(Weights("w1", 16, channels, 5, 5));
        graph.AddNode("Conv", [start, "w1"], ["conv1"], OnnxAttribute.Ints("pads", 2, 2, 2, 2));
        graph.AddNode("Relu", ["conv1"], ["relu1"]);
        graph.AddNode("MaxPool", ["relu1"], ["pool1"], OnnxAttribute.Ints("kernel_shape", 2, 2), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddInitializer(Weights("w2", 32, 16, 3, 3));
        graph.AddNode("Conv", ["pool1", "w2"], ["conv2"], OnnxAttribute.Ints("pads", 1, 1, 1, 1));
        graph.AddNode("Relu", ["conv2"], ["relu2"]);
        graph.AddNode("MaxPool", ["relu2"], ["pool2"], OnnxAttribute.Ints("kernel_shape", 2, 2), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddNode("Flatten", ["pool2"], ["flat"]);
        graph.AddInitializer(Weights("w3", Classes, 32 * pooled * pooled));
        graph.AddInitializer(Weights("b3", Classes));
        graph.AddNode("Gemm", ["flat", "w3", "b3"], ["fc"], OnnxAttribute.Int("transB", 1));
        graph.AddNode("Softmax", ["fc"], [output], OnnxAttribute.Int("axis", 1));
        graph.AddOutput(output, DataType.Float, rows, Classes);
        if (secondOutput)
        {
            graph.AddOutput("fc", DataType.Float, rows, Classes);
        }

        if (secondInput)
        {
            graph.AddInput("other", DataType.Float, 1);
        }

        return graph.Build(metadata: (metadata ?? Metadata).ToDictionary());
    }

    public static string Write(TemporaryFolder folder, OnnxModel? model = null)
    {
        string path = folder.File("model.onnx");
        OnnxFile.Write(model ?? Build(), path);
        return path;
    }

    /// <summary>Seeded pictures of different sizes: smooth colour, so that neighbouring rows differ in class. Up to 1,000, the same ones every time.</summary>
    public static byte[][] Pictures(int count) => AllPictures.Value[..count];

    private static byte[] Picture(Random random)
    {
        var image = new RgbImage(random.Next(20, 50), random.Next(20, 50));
        double[] phase = [.. Enumerable.Range(0, 9).Select(_ => random.NextDouble() * 7)];
        for (int y = 0, at = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++, at++)
                {
                    image.Pixels[at] = (byte)(128 + (120 * Math.Sin(phase[c] + (phase[3 + c] * x / 10) + (phase[6 + c] * y / 10))));
                }
            }
        }

        return PngEncoder.Encode(image);
    }
}
