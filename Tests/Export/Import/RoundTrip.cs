using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>torch → ONNX → torch → ONNX: outputs within 1e-6 of the largest, parameters and buffers bit for bit under their names.</summary>
internal static class RoundTrip
{
    /// <returns>The types of the imported network's modules, by path.</returns>
    public static Dictionary<string, Type> Check(nn.Module<Tensor, Tensor> network, int side, int classes = 5, int opset = OnnxGraphBuilder.DefaultOpset, bool lrnNode = false)
    {
        using var folder = new TestFolder();
        OnnxExportOptions options = TestNetworks.Options(side, classes) with { Opset = opset, LrnNode = lrnNode };
        OnnxExporter.Export(network, folder.File("first.onnx"), options);
        using ImportedNetwork first = OnnxImporter.Import(folder.File("first.onnx"), new() { Logits = true });
        CompareWeights(network, first.Network);
        CompareOutputs(network, first.Network, side);
        Assert.AreEqual(opset, first.Opset);
        CollectionAssert.AreEqual(options.Labels.ToArray(), first.Description.Labels.ToArray());
        CollectionAssert.AreEqual(new long[] { -1, 3, side, side }, first.InputShapes[0].ToArray());

        OnnxExporter.Export(first.Network, folder.File("second.onnx"), options);
        ModelProto again = OnnxFile.Read(folder.File("second.onnx"));
        CollectionAssert.AreEqual(Nodes(OnnxFile.Read(folder.File("first.onnx"))), Nodes(again), "the second file has the first one's nodes");
        using ImportedNetwork second = OnnxImporter.Import(folder.File("second.onnx"), new() { Logits = true });
        CompareWeights(network, second.Network);
        CompareOutputs(network, second.Network, side);
        return first.Network.Nodes.ToDictionary(node => node.Path, node => node.Operation.GetType());
    }

    public static void CompareOutputs(nn.Module<Tensor, Tensor> network, nn.Module<Tensor, Tensor> imported, int side, double tolerance = 1e-6)
    {
        bool training = network.training;
        network.eval();
        imported.eval();
        using (no_grad())
        {
            using Tensor uniform = rand([3, 3, side, side], generator: new Generator(3));
            using Tensor input = uniform.sub(0.5).mul(256);
            using Tensor expected = network.call(input);
            using Tensor computed = imported.call(input);
            CollectionAssert.AreEqual(expected.shape, computed.shape);
            float[] a = expected.contiguous().data<float>().ToArray();
            float[] b = computed.contiguous().data<float>().ToArray();
            double largest = a.Max(value => Math.Abs((double)value));
            Assert.IsGreaterThan(0, largest);
            Assert.IsLessThanOrEqualTo(tolerance * largest, a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max());
        }

        network.train(training);
    }

    public static void CompareWeights(nn.Module network, nn.Module imported)
    {
        Dictionary<string, byte[]> expected = TestNetworks.Weights(network);
        Dictionary<string, byte[]> found = TestNetworks.Weights(imported);
        foreach ((string name, byte[] bytes) in expected.Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
        {
            Assert.IsTrue(found.TryGetValue(name, out byte[]? other), $"{name} is not among {string.Join(", ", found.Keys)}");
            CollectionAssert.AreEqual(bytes, other, name);
        }

        Assert.AreEqual(
            string.Join(" ", network.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal)),
            string.Join(" ", imported.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal)));
    }

    private static string[] Nodes(ModelProto model)
        => [.. model.Graph.Node.Select(node => $"{node.OpType} {string.Join(",", node.Input)} → {string.Join(",", node.Output)} {string.Join(" ", node.Attribute.Select(a => a.ToString()))}")];
}
