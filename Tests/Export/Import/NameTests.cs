using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Weights keep their names from torch through ONNX to torch, whatever else of the graph is called like them.</summary>
[TestClass]
public sealed class NameTests
{
    private const int Side = 6, Classes = 5;

    // The result of a Branches bears the name of the group that its members are in, which no node of a GraphNetwork can: the join is renamed, and has no weights.
    [TestMethod]
    public void Members_of_branches_keep_theirs()
    {
        Check("one", ("block1", Residual(("layers", nn.Sequential(("conv", Conv()), ("norm", nn.BatchNorm2d(3)), ("relu", nn.ReLU()))))));
        Check("nested", ("block1", Residual(("inner", Residual(("inner", Residual(("conv", Conv()))))))));
        Check("a name that the join would take", ("block1", Residual(("conv", Conv()))), ("block1_2", Conv()), ("block1_3", nn.PReLU(3)));
        Check("a norm of several nodes that the join would take", ("block1", Residual(("conv", Conv()))), ("block1_2", nn.GroupNorm(1, 3)));
        Check("a group of such nodes", ("block1", Residual(("conv", Conv()))), ("block1_2", nn.Sequential(("scale", nn.PReLU(3)), ("norm", nn.LayerNorm([Side], bias: false)))));
        Check("a group that the join would take", ("block1", Residual(("conv", Conv()))), ("block1_2", Residual(("conv", Conv()))));
        Check("one taken before", ("block1_2", nn.PReLU(3)), ("block1", Residual(("scale", nn.PReLU(1)), ("rows", nn.Linear(Side, Side, hasBias: false)))));
        Check("numbers", ("0", Residual(("0", Conv()), ("1", nn.Sequential(Conv(), nn.BatchNorm2d(3))))));
        Check("names of weights", ("weight", Residual(("bias", Conv()))));
        Check("parts of nodes", ("block", Residual(("norm", new FusedLocalResponseNorm(3, 0.1, 0.75, 1)), ("mirrored", nn.Conv2d(3, 3, 3, padding: 1, padding_mode: TorchSharp.PaddingModes.Reflect)), ("pads", Conv()))));
        using var whole = new Branches(new Sum(), ("join", Classifier(("conv", Conv()))), ("other", Classifier(("conv", Conv()))));
        Check("the network itself", whole);
    }

    [TestMethod]
    public void A_group_called_as_the_files_input_keeps_them()
    {
        Check("a sequence", ("input", nn.Sequential(("conv", Conv()))));
        Check("a sequence without named weights", ("input", nn.Sequential(("scale", nn.PReLU(3)), ("norm", nn.GroupNorm(3, 3)))));
        using var whole = new Branches(new Sum(), ("input", Classifier(("conv", Conv()))), ("other", Classifier(("conv", Conv()))));
        Check("a branch", whole);
    }

    private static nn.Module<Tensor, Tensor> Conv() => nn.Conv2d(3, 3, 3, padding: 1);

    private static Branches Residual(params (string, nn.Module<Tensor, Tensor>)[] members) => new(new Sum(), [.. members, ("shortcut", nn.Identity())]);

    private static nn.Module<Tensor, Tensor> Classifier(params (string, nn.Module<Tensor, Tensor>)[] layers) =>
        nn.Sequential([.. layers, ("flatten", nn.Flatten()), ("fc", nn.Linear(3 * Side * Side, Classes))]);

    private static void Check(string what, params (string, nn.Module<Tensor, Tensor>)[] layers)
    {
        using nn.Module<Tensor, Tensor> network = Classifier(layers);
        Check(what, network);
    }

    // Twice: what was renamed on the first way must not move anything on the second.
    private static void Check(string what, nn.Module<Tensor, Tensor> network)
    {
        Console.WriteLine(what);
        TestNetworks.Settle(network);
        using var folder = new TestFolder();
        OnnxExporter.Export(network, folder.File("first.onnx"), TestNetworks.Options(Side, Classes));
        using ImportedNetwork first = OnnxImporter.Import(folder.File("first.onnx"), new() { Logits = true });
        OnnxExporter.Export(first.Network, folder.File("second.onnx"), TestNetworks.Options(Side, Classes));
        using ImportedNetwork second = OnnxImporter.Import(folder.File("second.onnx"), new() { Logits = true });
        foreach (ImportedNetwork imported in (ImportedNetwork[])[first, second])
        {
            RoundTrip.CompareWeights(network, imported.Network);
            RoundTrip.CompareOutputs(network, imported.Network, Side);
            CollectionAssert.AreEqual(new[] { "input" }, imported.InputNames.ToArray());
        }
    }
}
