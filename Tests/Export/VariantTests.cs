using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Every switch of AlexNetOptions, and the networks beside AlexNet, leave as ONNX and compute there what torch does.</summary>
[TestClass]
public sealed class VariantTests
{
    private static readonly AlexNetOptions Small = new() { Classes = 5, Side = 67, Width = 0.05, Initialization = AlexNetInitialization.He };

    [TestMethod]
    public void Every_switch_is_exported()
    {
        AlexNetOptions original = Recipes.Original2012.AlexNetFor(5, 70) with { Width = 0.05, Initialization = AlexNetInitialization.He };
        AlexNetOptions[] variants =
        [
            Small with { Window = AlexNetWindow.Ceiling }, Small with { Window = AlexNetWindow.Ceiling, Side = 68 }, Small with { Order = AlexNetOrder.Original2012 },
            Small with { AlphaDividedByWindow = true }, Small with { ResponseNormScope = ResponseNormScope.EachTower }, Small with { ContrastNorm = true },
            Small with { ContrastNorm = true, ResponseNorm = false, Side = 20 }, Small with { Activation = AlexNetActivation.Tanh }, Small with { ResponseNorm = false },
            Small with { OverlappingPooling = false }, Small with { HalfSize = true }, original, original with { Side = 24 },
            .. Ablation.All.Select(ablation => Recipes.Original2012.Without(ablation).AlexNetFor(5, 64) with { Width = 0.05, Initialization = AlexNetInitialization.He }),
        ];
        foreach (AlexNetOptions options in variants)
        {
            using var network = new AlexNet(options);
            TestNetworks.RandomizeBiases(network, seed: 5);
            OnnxVerification verification = Export(network, options.Side);
            Assert.IsLessThanOrEqualTo(1e-5, verification.WorstRelativeDifference, options.ToString());
            foreach (string layer in (string[])["pad1", "lrn1", "lrn2", "cnorm2"])
            {
                Assert.AreEqual(
                    network.named_children().Any(child => child.name == layer), verification.Tensors.Any(tensor => tensor.Name == layer), $"{layer} of {options}");
            }
        }
    }

    [TestMethod]
    public void Normalisation_in_groups_of_channels_is_compared_where_it_matters()
    {
        foreach ((long size, long groups) in ((long, long)[])[(5, 2), (5, 4), (4, 2), (3, 8), (9, 2)])
        {
            using var network = nn.Sequential(
                ("wide", nn.Conv2d(3, 8, 1)),
                ("lrn", new FusedLocalResponseNorm(size, alpha: 1e-2, beta: 0.75, k: 2, groups)),
                ("flatten", nn.Flatten()),
                ("fc", nn.Linear(8 * 81, 5)));
            Assert.IsLessThanOrEqualTo(1e-5, Export(network, 9).WorstRelativeDifference);
        }
    }

    // Squares reach beyond half precision's range, and its eleven bits are too few for their sums.
    [TestMethod]
    public void Sums_of_squares_in_blocks_stay_float32_in_half_precision()
    {
        using var network = nn.Sequential(
            ("wide", nn.Conv2d(3, 256, 1)), ("lrn", new FusedLocalResponseNorm(5, alpha: 5, beta: 0.75, k: 2)), ("flatten", nn.Flatten()), ("fc", nn.Linear(256 * 4, 5)));
        using var folder = new TestFolder();
        string path = folder.File("model.onnx"), half = folder.File("half.onnx");
        OnnxExporter.Export(network, path, TestNetworks.Options(2, 5));
        OnnxModel model = Float16Weights.Convert(OnnxModel.FromProto(OnnxFile.Read(path)));
        OnnxFile.Write(model, half);
        CollectionAssert.AreEquivalent(
            new[] { "wide.weight.fp16", "fc.weight.fp16" },
            OnnxFile.Read(half).Graph.Initializer.Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float16).Select(tensor => tensor.Name).ToArray());
    }

    [TestMethod]
    public void Normalisation_within_a_map_is_compared_where_it_matters()
    {
        foreach ((long size, double k, double beta) in ((long, double, double)[])[(1, 1, 0.75), (3, 2, 0.5), (5, 1, 0.75), (17, 1, 0.75)])
        {
            using var network = nn.Sequential(("norm", new SpatialResponseNorm(size, alpha: 1e-2, beta, k)), ("flatten", nn.Flatten()), ("fc", nn.Linear(3 * 81, 5)));
            Assert.IsLessThanOrEqualTo(1e-5, Export(network, 9).WorstRelativeDifference);
        }
    }

    [TestMethod]
    public void Two_towers_are_exported_as_one_network()
    {
        using var network = new TwoTowerAlexNet(Small with { ResponseNormScope = ResponseNormScope.EachTower });
        using AlexNet single = network.ToSingle();
        CollectionAssert.AreEqual(
            Export(single, 67).Tensors.Select(tensor => tensor.Name).ToArray(), Export(network, 67).Tensors.Select(tensor => tensor.Name).ToArray());
        Assert.IsTrue(network.training);
    }

    [TestMethod]
    public void The_four_layer_network_is_exported()
    {
        foreach ((int side, AlexNetActivation activation, bool norm) in ((int, AlexNetActivation, bool)[])[(32, AlexNetActivation.ReLU, true), (28, AlexNetActivation.Tanh, false), (9, AlexNetActivation.ReLU, true)])
        {
            using var network = new FourLayerNet(new FourLayerOptions { Classes = 5, Side = side, Activation = activation, ResponseNorm = norm });
            Assert.IsLessThanOrEqualTo(1e-5, Export(network, side).WorstRelativeDifference);
        }
    }

    private static OnnxVerification Export(nn.Module<Tensor, Tensor> network, int side)
    {
        using var folder = new TestFolder();
        return OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(side, 5)).Verification;
    }
}
