using AlexNetMl.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx.Tests;

[TestClass]
public sealed class Float16WeightsTests
{
    [TestMethod]
    public void Weights_are_the_nearest_halves_and_everything_else_stays()
    {
        var random = new Random(3);
        float[] weights = [.. Enumerable.Range(0, 40_000).Select(i => i switch
        {
            0 => 65504f,
            1 => -65504f,
            2 => 1e-7f,     // subnormal
            3 => 1e-9f,     // below the smallest subnormal: zero
            4 => 1 + (1f / 2048), // halfway between two halves: to the even one
            5 => 1 + (3f / 2048),
            _ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-7, 3)),
        })];
        using var folder = new TemporaryFolder();
        OnnxModel model = Float16Weights.Convert(Dense(weights));
        string path = folder.File("half.onnx");
        OnnxFile.Write(model, path);
        OnnxFile.Write(Dense(weights), folder.File("full.onnx"));
        Assert.IsLessThan(0.51, (double)new FileInfo(path).Length / new FileInfo(folder.File("full.onnx")).Length);

        TensorProto half = OnnxFile.Read(path).Graph.Initializer.Single(t => t.DataType == (int)DataType.Float16);
        for (int i = 0; i < weights.Length; i++)
        {
            Assert.AreEqual((Half)weights[i], BitConverter.ToHalf(half.RawData.Span[(i * 2)..]), $"weight {i}: {weights[i]}");
        }

        // Computed in float32 with the rounded weights, by hand: [1, 200] · [200, 200] + bias.
        using var session = new InferenceSession(path);
        float[] x = [.. Enumerable.Range(0, 200).Select(i => i == 0 ? 0 : random.NextSingle())];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(x, [1, 200]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [input], ["y"]);
        ReadOnlySpan<float> y = outputs[0].GetTensorDataAsSpan<float>();
        for (int column = 0; column < 200; column++)
        {
            double sum = 0.1f, scale = 0;
            for (int k = 0; k < 200; k++)
            {
                double product = x[k] * (double)(Half)weights[(k * 200) + column];
                sum += product;
                scale += Math.Abs(product);
            }

            Assert.AreEqual(sum, y[column], (1e-5 * scale) + 1e-5);
        }
    }

    [TestMethod]
    [DataRow(65505f)]
    [DataRow(-1e6f)]
    [DataRow(float.NaN)]
    [DataRow(float.NegativeInfinity)]
    public void What_half_precision_cannot_hold_is_refused_with_the_weights_name(float value)
    {
        float[] weights = new float[40_000];
        weights[39_999] = value;
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => Float16Weights.Convert(Dense(weights))).Message, "'fc.weight'");
    }

    [TestMethod]
    public void Bands_of_squares_and_tiny_tensors_stay_float32()
    {
        Assert.IsFalse(Float16Weights.Convert(Dense([.. Enumerable.Repeat(1e-4f, 40_000)])).Initializers.Any(i => i.ElementType == DataType.Float16));

        var graph = new OnnxGraphBuilder("squares");
        graph.AddInput("x", DataType.Float, "batch", 4, 2, 2);
        graph.AddInitializer(OnnxTensor.Create("band", [4, 4, 1, 1], Enumerable.Repeat(0.5f, 16).ToArray()));
        graph.AddInitializer(OnnxTensor.Create("w", [4, 4, 1, 1], Enumerable.Repeat(0.25f, 16).ToArray()));
        graph.AddNode("Mul", ["x", "x"], ["square"]);
        graph.AddNode("Conv", ["square", "band"], ["sum"]);
        graph.AddNode("Conv", ["sum", "w"], ["y"]);
        graph.AddOutput("y", DataType.Float, "batch", 4, 2, 2);
        CollectionAssert.AreEquivalent(
            new[] { ("band", DataType.Float), ("w.fp16", DataType.Float16) },
            Float16Weights.Convert(graph.Build()).Initializers.Select(i => (i.Name, i.ElementType)).ToArray());
    }

    [TestMethod]
    public void A_file_read_whole_converts_as_one_that_was_built()
    {
        using var folder = new TemporaryFolder();
        OnnxModel built = SmallModels.Convolution();
        OnnxFile.Write(built, folder.File("a.onnx"));
        OnnxFile.Write(Float16Weights.Convert(OnnxModel.FromProto(OnnxFile.Read(folder.File("a.onnx")))), folder.File("b.onnx"));
        OnnxFile.Write(Float16Weights.Convert(built), folder.File("c.onnx"));
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("c.onnx")), File.ReadAllBytes(folder.File("b.onnx")));
        Assert.IsTrue(OnnxFile.Read(folder.File("b.onnx")).Graph.Node.Any(n => n.OpType == "Cast"));
    }

    private static OnnxModel Dense(float[] weights)
    {
        var graph = new OnnxGraphBuilder("dense");
        graph.AddInput("x", DataType.Float, "batch", 200);
        graph.AddInitializer(OnnxTensor.Create("fc.weight", [200, 200], weights));
        graph.AddInitializer(OnnxTensor.Create("fc.bias", [200], Enumerable.Repeat(0.1f, 200).ToArray()));
        graph.AddNode("Gemm", ["x", "fc.weight", "fc.bias"], ["y"]);
        graph.AddOutput("y", DataType.Float, "batch", 200);
        return graph.Build();
    }
}
