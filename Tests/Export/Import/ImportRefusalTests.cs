using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static AlexNetMl.Onnx.OnnxAttribute;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class ImportRefusalTests
{
    [TestMethod]
    public void All_that_is_not_supported_is_named_at_once()
    {
        SmallGraph graph = new SmallGraph(13, 2, 4, 6, 6).Weight("w", 4, 4, 3, 3)
            .Node("Relu", "x", "a")
            .Node("NonMaxSuppression", "a", "b")
            .Node("Conv", "b w", "c") // what follows a refused node is not blamed
            .Node("LRN", "a", "d", Int("size", 4))
            .Node("Relu", "a", "e", Int("unheard", 1))
            .Node("Softmax", "a", "f", Int("axis", 9))
            .Node("Sum", "c d e f", "y");
        graph.Model.Graph.Node[1].Name = "boxes";
        graph.Model.Graph.Node[1].Domain = "vendor";
        var error = Assert.ThrowsExactly<OnnxImportException>(() => graph.Import());
        CollectionAssert.AreEqual(
            new[] { "boxes (vendor::NonMaxSuppression)", "d (LRN)", "e (Relu)", "f (Softmax)" },
            error.UnsupportedNodes.Select(node => $"{node.Node} ({node.OpType})").ToArray());
        Assert.IsNull(error.UnsupportedNodes[0].Reason);
        foreach (string part in (string[])["small.onnx", "boxes (vendor::NonMaxSuppression)", "its size is 4", "unheard", "OnnxOperatorRegistry"])
            StringAssert.Contains(error.Message, part);

        // What the result does not need is no obstacle.
        using ImportedNetwork cut = OnnxImporter.Import(CheckedModel.Check(graph.Model, "small.onnx"), new() { Output = "a" });
        Assert.HasCount(1, cut.Network.Nodes);
    }

    [TestMethod]
    public void An_operator_of_the_users_own()
    {
        SmallGraph graph = new SmallGraph(13, 2, 4).Node("Double", "x", "y");
        graph.Model.Graph.Node[0].Domain = "own";
        graph.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        OnnxOperatorRegistry operators = OnnxOperatorRegistry.Default.With("own::Double", node => node.Result(new Twice(), node.Input(0).Shape));
        using ImportedNetwork imported = OnnxImporter.Import(CheckedModel.Check(graph.Model, "small.onnx"), new() { Operators = operators });
        Assert.IsInstanceOfType<Twice>(imported.Network.Nodes.Single().Operation);
    }

    [TestMethod]
    public void What_is_no_network_is_said_in_one_sentence()
    {
        Refused("opset 22", new SmallGraph(22, 2, 4).Node("Relu", "x", "y"));
        SmallGraph whole = new SmallGraph(13, 2, 4).Node("Relu", "x", "y");
        whole.Model.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Int64;
        Refused("not a float32 tensor", whole);
        Refused("constants alone", new SmallGraph(13, 2, 4).Weight("w", 3).Node("Relu", "w", "y"));
        SmallGraph good = new SmallGraph(13, 2, 4).Node("Relu", "x", "y");
        StringAssert.Contains(
            Assert.ThrowsExactly<OnnxImportException>(() => OnnxImporter.Import(CheckedModel.Check(good.Model, "small.onnx"), new() { Output = "z" })).Message, "the outputs y");
        Refused("2×3", new SmallGraph(13, 2, 4).Weight("w", 2, 3).Node("MatMul", "x w", "y"));
        Refused("MiB", new SmallGraph(13, 2, 4).Longs("large", 1 << 15, 1 << 15).Weight("one", 1, 1)
            .Node("Expand", "one large", "wide").Node("Add", "x wide", "y"), orElse: "Expand");
    }

    [TestMethod]
    public void Names_become_valid()
    {
        SmallGraph graph = new SmallGraph(13, 2, 3, 5, 5).Weight("W 1", 3, 3, 1, 1).Weight("model/features.0.weight", 3, 3, 1, 1)
            .Node("Conv", "x W 1".Replace("W 1", "W\u00a01", StringComparison.Ordinal), "out:0").Node("Relu", "out:0", "a.b..c/").Node("Tanh", "a.b..c/", "a.b")
            .Node("Conv", "a.b model/features.0.weight", "q").Node("Sigmoid", "q", "größe").Node("Relu", "größe", "y");
        graph.Model.Graph.Initializer[0].Name = "W\u00a01";
        using ImportedNetwork imported = graph.Import();
        string[] paths = [.. imported.Network.Nodes.Select(node => node.Path)];
        Assert.HasCount(6, paths.Distinct().ToArray());
        Assert.AreEqual("model.features.0", paths[3]);
        foreach (string path in paths)
        {
            Assert.IsTrue(path.Split('.').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')), path);
            Assert.IsFalse(paths.Any(other => other.StartsWith(path + ".", StringComparison.Ordinal)), $"{path} is no group");
        }

        Assert.Contains("model.features.0.weight", imported.Network.named_parameters().Select(parameter => parameter.name).ToArray());
        graph.EqualsRuntime();
    }

    [TestMethod]
    public void Shared_weights_are_one_module()
    {
        SmallGraph graph = new SmallGraph(13, 2, 4).Weight("fc.weight", 4, 4).Weight("fc.bias", 4)
            .Node("Gemm", "x fc.weight fc.bias", "a", Int("transB", 1)).Node("Tanh", "a", "b")
            .Node("Gemm", "b fc.weight fc.bias", "c", Int("transB", 1)).Node("Gemm", "c fc.weight fc.bias", "y");
        graph.EqualsRuntime();
        using ImportedNetwork imported = graph.Import();
        Linear[] layers = [.. imported.Network.Nodes.Select(node => node.Operation).OfType<Linear>()];
        Assert.HasCount(3, layers);
        Assert.AreSame(layers[0], layers[1]);
        Assert.AreNotSame(layers[0], layers[2], "the third takes the matrix the other way round");
        Assert.HasCount(4, imported.Network.parameters().ToArray());
    }

    [TestMethod]
    public void Weights_in_half_precision_are_float32_parameters()
    {
        using AlexNet network = TestNetworks.AlexNet(67, 0.05);
        using var folder = new TestFolder();
        OnnxExporter.Export(network, folder.File("whole.onnx"), TestNetworks.Options(67));
        OnnxFile.Write(Float16Weights.Convert(OnnxModel.FromProto(OnnxFile.Read(folder.File("whole.onnx")))), folder.File("half.onnx"));
        ModelProto half = OnnxFile.Read(folder.File("half.onnx"));
        Assert.IsTrue(half.Graph.Initializer.Any(tensor => tensor.DataType == (int)DataType.Float16));
        using ImportedNetwork imported = OnnxImporter.Import(folder.File("half.onnx"), new() { Logits = true });
        Dictionary<string, Tensor> parameters = imported.Network.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        CollectionAssert.AreEquivalent(network.named_parameters().Select(p => p.name).ToArray(), parameters.Keys.ToArray());
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            Assert.AreEqual(ScalarType.Float32, parameters[name].dtype, name);
            Assert.IsTrue(parameters[name].requires_grad, name);
            float[] expected = parameter.data<float>().ToArray();
            float[] found = parameters[name].data<float>().ToArray();
            bool isHalf = half.Graph.Initializer.Any(tensor => tensor.Name == name + ".fp16");
            CollectionAssert.AreEqual(isHalf ? expected.Select(value => (float)(Half)value).ToArray() : expected, found, name);
        }

        Assert.IsEmpty(imported.Network.named_buffers());
    }

    private static void Refused(string part, SmallGraph graph, string? orElse = null)
    {
        string message = Assert.ThrowsExactly<OnnxImportException>(() => graph.Import()).Message;
        Assert.IsTrue(message.Contains(part, StringComparison.Ordinal) || (orElse is not null && message.Contains(orElse, StringComparison.Ordinal)), message);
    }
}
