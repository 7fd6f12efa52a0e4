using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Deployment.Tests;

/// <summary>A seeded network whose scores depend on where in the picture something is: Conv, Relu, MaxPool, Conv, Relu, MaxPool, Gemm, Softmax.</summary>
internal static class SmallNetwork
{
    public const int Classes = 6;

    public static string Write(TemporaryFolder folder, ImagePreprocessing preprocessing, int opset = 17, string name = "model.onnx")
    {
        string path = folder.File(name);
        OnnxFile.Write(Build(preprocessing, opset), path);
        return path;
    }

    public static OnnxModel Build(ImagePreprocessing preprocessing, int opset = 17)
    {
        var random = new Random(2012);
        int side = preprocessing.CropSide, pooled = side / 4;
        IOnnxTensorSource Weights(string name, params long[] shape)
        {
            int count = (int)shape.Aggregate(1L, (a, b) => a * b);
            float scale = MathF.Sqrt(6 * shape[0] / (float)count);
            return OnnxTensor.Create(name, shape, Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 2) - 1) * scale).ToArray());
        }

        var graph = new OnnxGraphBuilder("small");
        graph.AddInput("input", DataType.Float, "batch", 3, side, side);
        graph.AddInitializer(Weights("conv1.weight", 16, 3, 5, 5));
        graph.AddInitializer(Weights("conv1.bias", 16));
        graph.AddNode("Conv", ["input", "conv1.weight", "conv1.bias"], ["conv1"], OnnxAttribute.Ints("pads", 2, 2, 2, 2));
        graph.AddNode("Relu", ["conv1"], ["relu1"]);
        graph.AddNode("MaxPool", ["relu1"], ["pool1"], OnnxAttribute.Ints("kernel_shape", 2, 2), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddValueInfo("pool1", DataType.Float, "batch", 16, side / 2, side / 2);
        graph.AddInitializer(Weights("conv2.weight", 32, 8, 3, 3));
        graph.AddInitializer(Weights("conv2.bias", 32));
        graph.AddNode("Conv", ["pool1", "conv2.weight", "conv2.bias"], ["conv2"], OnnxAttribute.Ints("pads", 1, 1, 1, 1), OnnxAttribute.Int("group", 2));
        graph.AddNode("Relu", ["conv2"], ["relu2"]);
        graph.AddNode("MaxPool", ["relu2"], ["pool2"], OnnxAttribute.Ints("kernel_shape", 2, 2), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddNode("Flatten", ["pool2"], ["flat"]);
        graph.AddInitializer(Weights("fc.weight", Classes, 32 * pooled * pooled));
        graph.AddInitializer(Weights("fc.bias", Classes));
        graph.AddNode("Gemm", ["flat", "fc.weight", "fc.bias"], ["Logits"], OnnxAttribute.Int("transB", 1));
        graph.AddNode("Softmax", ["Logits"], ["Score"], OnnxAttribute.Int("axis", 1));
        graph.AddOutput("Score", DataType.Float, "batch", Classes);
        graph.AddOutput("Logits", DataType.Float, "batch", Classes);
        var metadata = new OnnxImageModelMetadata
        {
            Labels = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")],
            PreprocessingJson = preprocessing.ToJson(),
            Fingerprint = "seed 2012",
        };
        return graph.Build(opset, metadata: metadata.ToDictionary());
    }
}
