using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Networks of kinds that users bring: each leaves, comes back and leaves again.</summary>
[TestClass]
public sealed class UserNetworkTests
{
    private const int Side = 16;

    [TestMethod]
    public void Inverted_residuals_with_ReLU6() => Check(
        ("stem", Unit(3, 8, 3, stride: 2)),
        ("block1", Inverted(8, 8, 3, stride: 1)),
        ("block2", Inverted(8, 12, 3, stride: 2)),
        ("head", Unit(12, 16, 1)),
        ("pool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("drop", nn.Dropout(0.2)),
        ("classifier", nn.Linear(16, 5)));

    [TestMethod]
    public void Squeeze_and_excitation_with_hard_gates() => Check(
        ("stem", nn.Sequential(("conv", nn.Conv2d(3, 8, 3, padding: 1, bias: false)), ("bn", nn.BatchNorm2d(8)), ("act", nn.Hardswish()))),
        ("gate", new Branches(new Product(), ("value", nn.Identity()), ("scale", nn.Sequential(
            ("pool", nn.AdaptiveAvgPool2d(1)), ("fc1", nn.Conv2d(8, 2, 1)), ("relu", nn.ReLU(inplace: true)), ("fc2", nn.Conv2d(2, 8, 1)), ("gate", nn.Hardsigmoid()))))),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(8 * Side * Side, 5)));

    [TestMethod]
    public void Two_layers_of_the_same_weights()
    {
        Conv2d conv = nn.Conv2d(4, 4, 3, padding: 1);
        using Sequential network = nn.Sequential(
            ("wide", nn.Conv2d(3, 4, 1)), ("first", conv), ("relu", nn.ReLU()), ("second", conv), ("flatten", nn.Flatten()), ("fc", nn.Linear(4 * Side * Side, 5)));
        using var folder = new TestFolder();
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5));
        GraphProto graph = OnnxFile.Read(folder.File("model.onnx")).Graph;
        Assert.HasCount(6, graph.Initializer); // three weights and their biases
        using ImportedNetwork imported = OnnxImporter.Import(folder.File("model.onnx"), new() { Logits = true });
        Assert.HasCount(6, imported.Network.parameters().ToArray());
        RoundTrip.CompareOutputs(network, imported.Network, Side);
    }

    [TestMethod]
    public void Networks_that_are_built_in_classes_of_their_own()
    {
        using var network = new Nested();
        RoundTrip.Check(network, Side);
    }

    [TestMethod]
    public void A_graph_of_two_inputs_is_refused_with_their_names()
    {
        using var network = new GraphNetwork(
            "two", ["left", "right"], [new GraphNode("sum", new Sum(), ["left", "right"]), new GraphNode("flatten", nn.Flatten(), ["sum"]), new GraphNode("fc", nn.Linear(3 * Side * Side, 5), ["flatten"])], "fc");
        using var folder = new TestFolder();
        string message = Assert.ThrowsExactly<OnnxExportException>(() => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, 5))).Message;
        Assert.Contains("left, right", message);
        Assert.IsEmpty(folder.Names);
    }

    private static void Check(params (string, nn.Module<Tensor, Tensor>)[] layers)
    {
        manual_seed(4);
        using Sequential network = nn.Sequential(layers);
        foreach (BatchNorm norm in network.modules().OfType<BatchNorm>())
        {
            TestNetworks.Settle(norm);
        }

        using var folder = new TestFolder();
        OnnxExporter.Export(network, folder.File("first.onnx"), TestNetworks.Options(Side, 5));
        using ImportedNetwork imported = OnnxImporter.Import(folder.File("first.onnx"), new() { Logits = true });
        RoundTrip.CompareWeights(network, imported.Network);
        RoundTrip.CompareOutputs(network, imported.Network, Side);
        OnnxExporter.Export(imported.Network, folder.File("second.onnx"), TestNetworks.Options(Side, 5));
        OnnxVerifier.Verify(network, folder.File("first.onnx"), [3, Side, Side], seed: 9);
    }

    private static Sequential Unit(long channels, long outputs, long kernel, long stride = 1, long groups = 1) => nn.Sequential(
        ("0", nn.Conv2d(channels, outputs, kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false)), ("1", nn.BatchNorm2d(outputs)), ("2", nn.ReLU6(inplace: true)));

    private static nn.Module<Tensor, Tensor> Inverted(long channels, long outputs, long expansion, long stride)
    {
        Sequential deep = nn.Sequential(
            ("expand", Unit(channels, channels * expansion, 1)),
            ("depth", Unit(channels * expansion, channels * expansion, 3, stride, channels * expansion)),
            ("project", nn.Conv2d(channels * expansion, outputs, 1, bias: false)),
            ("bn", nn.BatchNorm2d(outputs)));
        return stride == 1 && channels == outputs ? new Branches(new Sum(), ("deep", deep), ("shortcut", nn.Identity())) : deep;
    }

    private sealed class Block(long channels) : Sequential(("conv", nn.Conv2d(channels, channels, 3, padding: 1)), ("act", nn.SiLU()));

    private sealed class Nested() : Sequential(
        ("stem", nn.Conv2d(3, 6, 5, stride: 2, padding: 2)),
        ("stages", nn.Sequential(("0", new Block(6)), ("1", nn.Sequential(("deep", new Block(6)), ("pool", nn.MaxPool2d(2)))))),
        ("head", nn.Sequential(("flatten", nn.Flatten()), ("fc", nn.Linear(6 * 4 * 4, 5)))));
}
