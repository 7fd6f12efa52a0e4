using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Networks that are more than a sequence: residual sums, concatenations, gates, graphs, shared modules, several outputs.</summary>
[TestClass]
public sealed class BranchTests
{
    private const int Side = 12;

    [TestMethod]
    [DataRow(13)]
    [DataRow(17)]
    [DataRow(21)]
    public void Residual_inception_and_gate_are_exported_and_equal_torch(int opset)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = Everything();
        OnnxExportReport report = OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5) with { Opset = opset });
        Assert.IsLessThanOrEqualTo(1e-5, report.Verification.WorstRelativeDifference);
        string[] names = [.. report.Verification.Tensors.Select(tensor => tensor.Name)];
        foreach (string name in (string[])["residual", "residual.deep.conv", "inception", "inception.three.conv", "gated.gate.scale", "gated", "fc", "Score"])
        {
            Assert.Contains(name, names);
        }

        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        Assert.AreEqual(OnnxGraphBuilder.IrVersionOf(opset), (int)model.IrVersion);
        Assert.AreEqual("Add", model.Graph.Node.Single(node => node.Name == "residual").OpType);
        Assert.AreEqual("Concat", model.Graph.Node.Single(node => node.Name == "inception").OpType);
        CollectionAssert.AreEquivalent(
            model.Graph.Node.SelectMany(node => node.Output).ToArray(),
            model.Graph.ValueInfo.Concat(model.Graph.Output).Select(info => info.Name).ToArray(),
            "every edge has its shape stated");
    }

    [TestMethod]
    [DataRow("join of other branches", "inception", 0, "residual")]
    [DataRow("shortcut left out", "residual", 1, "residual.deep.conv")]
    [DataRow("gate applied to itself", "gated", 0, "gated.gate.scale")]
    public void A_wrong_wire_is_found(string what, string node, int input, string instead)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = Everything();
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5));
        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        NodeProto wrong = model.Graph.Node.Single(one => one.Name == node);
        Assert.AreNotEqual(instead, wrong.Input[input], what);
        wrong.Input[input] = instead;
        OnnxFile.Write(model, folder.File("wrong.onnx"));
        Assert.ThrowsExactly<OnnxVerificationException>(() => OnnxVerifier.Verify(network, folder.File("wrong.onnx"), [3, Side, Side]), what);
    }

    [TestMethod]
    public void A_graph_of_named_steps_is_exported_without_its_dead_ones()
    {
        manual_seed(3);
        using var folder = new TestFolder();
        var shared = nn.Conv2d(8, 8, 3, padding: 1);
        using var network = new GraphNetwork(
            "graph",
            ["pixels"],
            [
                new GraphNode("stem.conv", nn.Conv2d(3, 8, 3, padding: 1), ["pixels"]),
                new GraphNode("stem.relu", nn.ReLU(), ["stem.conv"]),
                new GraphNode("unused", nn.Tanh(), ["stem.conv"]),
                new GraphNode("first", shared, ["stem.relu"]),
                new GraphNode("second", shared, ["first"]),
                new GraphNode("sum", new Sum(), ["first", "second", "stem.relu"]),
                new GraphNode("pool", nn.AdaptiveAvgPool2d(1), ["sum"]),
                new GraphNode("flatten", nn.Flatten(), ["pool"]),
                new GraphNode("fc", nn.Linear(8, 5), ["flatten"]),
            ],
            "fc");
        Assert.HasCount(6, network.parameters().ToArray(), "shared weights are there once");
        OnnxExportReport report = OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5));
        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        Assert.HasCount(6, model.Graph.Initializer, "and in the file too");
        Assert.DoesNotContain("unused", model.Graph.Node.Select(node => node.Name));
        Assert.Contains("sum", report.Verification.Tensors.Select(tensor => tensor.Name));
        CollectionAssert.AreEqual(
            new[] { "stem.conv.weight", "stem.conv.bias", "first.weight", "first.bias", "fc.weight", "fc.bias" }, network.named_parameters().Select(one => one.name).ToArray());
    }

    [TestMethod]
    public void Logits_and_features_are_outputs_on_request()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(31);
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(31) with { Logits = true, Features = ["pool5", "fc7"] });
        using var session = new InferenceSession(folder.File("model.onnx"));
        CollectionAssert.AreEquivalent(new[] { "Score", "Logits", "pool5", "fc7" }, session.OutputMetadata.Keys.ToArray());
        float[] pixels = new float[2 * 3 * 31 * 31];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i * 7919 % 256 - 128;
        }

        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [2, 3, 31, 31]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["input"], [input], ["Logits", "fc7"]);
        network.eval();
        using (no_grad())
        using (Tensor batch = tensor(pixels, [2L, 3, 31, 31]))
        using (Tensor logits = network.call(batch))
        {
            float[] expected = logits.data<float>().ToArray();
            float[] actual = results[0].GetTensorDataAsSpan<float>().ToArray();
            float largest = expected.Max(MathF.Abs);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-5f * largest);
            }
        }

        CollectionAssert.AreEqual(new long[] { 2, 512 }, results[1].GetTensorTypeAndShape().Shape);
    }

    [TestMethod]
    public void A_softmax_at_the_end_keeps_its_logits()
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("flatten", nn.Flatten()), ("fc", nn.Linear(3 * Side * Side, 5)), ("drop", nn.Dropout()), ("softmax", nn.Softmax(1)), ("last", nn.Identity()));
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5) with { Logits = true });
        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        CollectionAssert.AreEqual(new[] { "Flatten", "Gemm", "Softmax" }, model.Graph.Node.Select(node => node.OpType).ToArray());
        CollectionAssert.AreEqual(new[] { "Score", "Logits" }, model.Graph.Output.Select(output => output.Name).ToArray());
    }

    [TestMethod]
    public void A_feature_that_is_none_is_refused_with_those_that_are()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(31);
        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(31) with { Features = ["fc9"] }));
        StringAssert.Contains(error.Message, "'fc9'");
        StringAssert.Contains(error.Message, "fc7");
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Branches_that_do_not_fit_are_refused()
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("sum", new Branches(new Sum(), ("wide", nn.Conv2d(3, 8, 3)), ("narrow", nn.Conv2d(3, 4, 3)))), ("flatten", nn.Flatten()), ("fc", nn.Linear(8, 5)));
        var error = Assert.ThrowsExactly<OnnxExportException>(() => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5)));
        StringAssert.Contains(error.Message, "sum (Sum)");
    }

    [TestMethod]
    public void A_batch_norm_becomes_part_of_its_convolution_on_request()
    {
        manual_seed(6);
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("conv", nn.Conv2d(3, 8, 3, bias: false)), ("norm", nn.BatchNorm2d(8)), ("relu", nn.ReLU()),
            ("grouped", nn.Conv2d(8, 8, 3, groups: 2)), ("plain", nn.BatchNorm2d(8, affine: false)),
            ("twice", new Branches(new Sum(), ("norm", nn.BatchNorm2d(8)), ("shortcut", nn.Identity()))),
            ("flatten", nn.Flatten()), ("fc", nn.Linear(8 * 8 * 8, 5)));
        foreach ((_, Tensor buffer) in network.named_buffers().Where(one => one.buffer.dtype == ScalarType.Float32))
        {
            buffer.uniform_(0.5, 30);
        }

        OnnxExportOptions options = TestNetworks.Options(Side, 5);
        OnnxExporter.Export(network, folder.File("kept.onnx"), options);
        OnnxExportReport folded = OnnxExporter.Export(network, folder.File("folded.onnx"), options with { FoldBatchNorm = true });
        CollectionAssert.AreEqual(
            new[] { "Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization", "BatchNormalization", "Add", "Flatten", "Gemm", "Softmax" },
            OnnxFile.Read(folder.File("kept.onnx")).Graph.Node.Select(node => node.OpType).ToArray());
        CollectionAssert.AreEqual(
            new[] { "Conv", "Relu", "Conv", "BatchNormalization", "Add", "Flatten", "Gemm", "Softmax" },
            OnnxFile.Read(folder.File("folded.onnx")).Graph.Node.Select(node => node.OpType).ToArray(),
            "the last one stays: its convolution's result has another user");
        Assert.IsLessThanOrEqualTo(1e-5, folded.Verification.WorstRelativeDifference);
        ModelProto wrong = OnnxFile.Read(folder.File("folded.onnx"));
        float[] bias = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(wrong.Graph.Initializer.Single(t => t.Name == "conv.bias").RawData.Span).ToArray();
        bias[3] *= 1.01f;
        wrong.Graph.Initializer.Single(t => t.Name == "conv.bias").RawData = Google.Protobuf.ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(bias.AsSpan()));
        OnnxFile.Write(wrong, folder.File("wrong.onnx"));
        Assert.ThrowsExactly<OnnxVerificationException>(() => OnnxVerifier.Verify(network, folder.File("wrong.onnx"), [3, Side, Side]));
    }

    private static nn.Module<Tensor, Tensor> Everything()
    {
        manual_seed(2);
        var network = nn.Sequential(
            ("stem", nn.Conv2d(3, 8, 3, padding: 1)),
            ("residual", new Branches(new Sum(), ("deep", nn.Sequential(("relu", nn.ReLU()), ("conv", nn.Conv2d(8, 8, 3, padding: 1)))), ("shortcut", nn.Identity()))),
            ("inception", new Branches(
                new Concatenation(),
                ("one", nn.Conv2d(8, 4, 1)),
                ("three", nn.Sequential(("reduce", nn.Conv2d(8, 4, 1)), ("conv", nn.Conv2d(4, 6, 3, padding: 1)))),
                ("pool", nn.MaxPool2d(3, stride: 1, padding: 1)))),
            ("gated", new Branches(
                new Product(),
                ("features", nn.Identity()),
                ("gate", nn.Sequential(("pool", nn.AdaptiveAvgPool2d(1)), ("squeeze", nn.Conv2d(18, 18, 1)), ("scale", nn.Sigmoid()))))),
            ("pool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("fc", nn.Linear(18, 5)));
        TestNetworks.RandomizeBiases(network, seed: 4);
        return network;
    }
}
