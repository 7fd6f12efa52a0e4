using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx.Tests;

/// <summary>Models that are small enough to compute by hand.</summary>
internal static class SmallModels
{
    /// <summary>y = Relu(x · W + b), x: [batch, 3], W: [3, 2].</summary>
    public static OnnxModel Linear()
    {
        var graph = new OnnxGraphBuilder("linear");
        graph.AddInput("x", DataType.Float, "batch", 3);
        graph.AddInitializer(OnnxTensor.Create("w", [3, 2], new float[] { 1, -2, 3, 4, -5, 6 }));
        graph.AddInitializer(OnnxTensor.Create("b", [2], new float[] { 0.5f, -100 }));
        graph.AddNode("Gemm", ["x", "w", "b"], ["h"], OnnxAttribute.Float("alpha", 1), OnnxAttribute.Int("transB", 0));
        graph.AddValueInfo("h", DataType.Float, "batch", 2);
        graph.AddNode("Relu", ["h"], ["y"]);
        graph.AddOutput("y", DataType.Float, "batch", 2);
        var metadata = new OnnxImageModelMetadata
        {
            Labels = ["a \"quoted\" label", "größe"],
            PreprocessingJson = "{\"crop_size\":{\"height\":3,\"width\":3}}",
            Decoder = "nobody 1.0",
        };
        return graph.Build(metadata: metadata.ToDictionary());
    }

    /// <summary>Conv (grouped), LRN, MaxPool, Flatten, Softmax with seeded weights: the operators of the networks, [batch, 4, 6, 6] in.</summary>
    public static OnnxModel Convolution()
    {
        var random = new Random(7);
        float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var graph = new OnnxGraphBuilder("convolution");
        graph.AddInput("input", DataType.Float, "batch", 4, 6, 6);
        graph.AddInitializer(OnnxTensor.Create("conv.weight", [4, 2, 3, 3], Weights(72)));
        graph.AddInitializer(OnnxTensor.Create("conv.bias", [4], Weights(4)));
        graph.AddNode(
            "Conv",
            ["input", "conv.weight", "conv.bias"],
            ["conv"],
            OnnxAttribute.Int("group", 2),
            OnnxAttribute.Ints("kernel_shape", 3, 3),
            OnnxAttribute.Ints("pads", 1, 1, 1, 1));
        graph.AddNode("LRN", ["conv"], ["lrn"], OnnxAttribute.Int("size", 3), OnnxAttribute.Float("alpha", 1e-4f));
        graph.AddNode("MaxPool", ["lrn"], ["pool"], OnnxAttribute.Ints("kernel_shape", 3, 3), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddInitializer(OnnxTensor.Create("shape", [2], new long[] { 0, 16 }));
        graph.AddNode("Reshape", ["pool", "shape"], ["flat"]);
        graph.AddNode("Softmax", ["flat"], ["Score"], OnnxAttribute.Int("axis", -1));
        graph.AddOutput("Score", DataType.Float, "batch", 16);
        return graph.Build();
    }
}
