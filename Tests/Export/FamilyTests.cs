using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>The catalogue's networks leave as ONNX, are what torch computes layer by layer, and come back.</summary>
[TestClass]
public sealed class FamilyTests
{
    private const int Side = 28, Classes = 5;

    public static IEnumerable<object[]> Every => NetworkCatalog.Default.Definitions.Where(definition => definition.Name != "alexnet").Select(definition => new object[] { definition.Name });

    [TestMethod]
    [DataRow("vgg11")]
    [DataRow("vgg16_bn")]
    [DataRow("googlenet")]
    [DataRow("googlenet_bn")]
    [DataRow("resnet18")]
    [DataRow("resnet50")]
    [DataRow("plain20")]
    [DataRow("densenet121")]
    public void Leaves_comes_back_and_leaves_again(string name) => RoundTripOf(name);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Every))]
    public void Every_network_leaves_comes_back_and_leaves_again(string name) => RoundTripOf(name);

    [TestMethod]
    [DataRow("googlenet")]
    [DataRow("resnet50")]
    [DataRow("densenet121")]
    public void With_the_papers_stem_every_layer_is_what_torch_computes(string name)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = Network(name, side: 75);
        OnnxExportReport report = OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(75, Classes) with { Logits = true });
        Assert.IsLessThanOrEqualTo(1e-5, report.Verification.WorstRelativeDifference);
        foreach (TensorDifference tensor in report.Verification.Tensors.SkipLast(1))
        {
            Assert.IsGreaterThan(1e-2, tensor.LargestMagnitude, $"{tensor.Name} is too quiet for its values to mean much");
        }

        using var session = new InferenceSession(folder.File("model.onnx"));
        CollectionAssert.AreEquivalent(new[] { "Score", "Logits" }, session.OutputMetadata.Keys.ToArray());
        if (name != "densenet121")
        {
            OnnxExportReport folded = OnnxExporter.Export(network, folder.File("folded.onnx"), TestNetworks.Options(75, Classes) with { FoldBatchNorm = true });
            Assert.IsLessThanOrEqualTo(1e-5, folded.Verification.WorstRelativeDifference);
            Assert.DoesNotContain("BatchNormalization", OnnxFile.Read(folder.File("folded.onnx")).Graph.Node.Select(node => node.OpType));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Further_classifiers_stay_behind(bool batchNorm)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = Network(batchNorm ? "googlenet_bn" : "googlenet");
        Assert.Contains("aux1.fc2.weight", network.named_parameters().Select(pair => pair.name));
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, Classes));
        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        Assert.IsEmpty(model.Graph.Initializer.Where(tensor => tensor.Name.StartsWith("aux", StringComparison.Ordinal)));
        Assert.AreEqual(9, model.Graph.Node.Count(node => node.OpType == "Concat"));
    }

    [TestMethod]
    public void Wrong_weights_of_a_shortcut_are_found()
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = Network("resnet18");
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(Side, Classes));
        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        NodeProto sum = model.Graph.Node.Single(node => node.Name == "layer2.1.sum");
        sum.Input[1] = sum.Input[0];
        OnnxFile.Write(model, folder.File("wrong.onnx"));
        Assert.ThrowsExactly<OnnxVerificationException>(() => OnnxVerifier.Verify(network, folder.File("wrong.onnx"), [3, Side, Side]));
    }

    private static void RoundTripOf(string name)
    {
        using nn.Module<Tensor, Tensor> network = Network(name, auxiliaries: false);
        RoundTrip.Check(network, Side, Classes);
    }

    internal static nn.Module<Tensor, Tensor> Network(string name, int side = Side, bool auxiliaries = true)
    {
        NetworkDefinition definition = NetworkCatalog.Default.Get(name);
        NetworkOptions options = definition.Options with { Side = side, Classes = Classes, Width = 0.125 };
        options = options switch
        {
            VggOptions vgg => vgg with { Initialization = VggInitialization.He },
            GoogLeNetOptions googlenet => googlenet with { AuxiliaryHeads = auxiliaries },
            _ => options,
        };
        nn.Module<Tensor, Tensor> network = definition.Create(options);
        Lived(network, side);
        return network;
    }

    // Normalizations that have seen pictures, with weights and biases of their own; biases elsewhere that matter beside inputs of ±128.
    private static void Lived(nn.Module<Tensor, Tensor> network, int side)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        manual_seed(7);
        foreach (BatchNorm norm in network.modules().OfType<BatchNorm>())
        {
            norm.weight!.uniform_(0.5, 1.5);
            norm.bias!.uniform_(-0.5, 0.5);
        }

        network.train();
        for (int i = 0; i < 12; i++)
        {
            using Tensor pictures = rand([8, 3, side, side]).sub(0.5).mul(256);
            network.call(pictures).Dispose();
        }

        network.eval();
    }
}
