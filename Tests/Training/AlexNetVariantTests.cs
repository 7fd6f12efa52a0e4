using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>The paper's ablations as switches of the network.</summary>
[TestClass]
public sealed class AlexNetVariantTests
{
    private static readonly AlexNetOptions Small = new() { Classes = 3, Side = 67, Width = 0.01, Initialization = AlexNetInitialization.He };

    [TestMethod]
    public void EveryVariantRunsForwardAndBackward()
    {
        var variants = new List<AlexNetOptions>
        {
            Small with { Activation = AlexNetActivation.Tanh }, Small with { ResponseNorm = false }, Small with { OverlappingPooling = false }, Small with { HalfSize = true },
            Small with { ContrastNorm = true, ResponseNorm = false }, Small with { Order = AlexNetOrder.Original2012, Activation = AlexNetActivation.Tanh },
            Recipes.Original2012.AlexNetFor(3, 67) with { Width = 0.01 }, Recipes.Original2012.AlexNetFor(3, 28) with { Width = 0.01 },
            Recipes.Original2012.Without(Ablation.HalfSize).AlexNetFor(3, 64) with { Width = 0.01 },
        };
        variants.AddRange(AlexNetOptions.MiddleLayers.Select(layer => Small with { RemovedLayer = layer }));
        variants.AddRange(AlexNetOptions.MiddleLayers.Select(layer => Small with { RemovedLayer = layer, Order = AlexNetOrder.Original2012, Side = 20 }));
        foreach (AlexNetOptions options in variants)
        {
            using var scope = NewDisposeScope();
            using var network = new AlexNet(options);
            Tensor logits = network.call(Given.Tensor(Given.Uniform(2 * 3 * options.Side * options.Side, 1, 1), 2, 3, options.Side, options.Side));
            CollectionAssert.AreEqual(new long[] { 2, 3 }, logits.shape, options.ToString());
            logits.sum().backward();
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
                Assert.IsTrue(Given.Floats(parameter.grad!).All(float.IsFinite), name);
        }
    }

    [TestMethod]
    public void TanhStandsInForEveryReLU()
    {
        using var network = new AlexNet(Small with { Activation = AlexNetActivation.Tanh });
        CollectionAssert.AreEqual(
            new[] { "tanh1", "tanh2", "tanh3", "tanh4", "tanh5", "tanh6", "tanh7" },
            network.named_children().Where(child => child.Item2 is TorchSharp.Modules.Tanh).Select(child => child.Item1).ToArray());
        Assert.IsFalse(network.named_children().Any(child => child.Item2 is TorchSharp.Modules.ReLU));
    }

    [TestMethod]
    public void ARemovedLayerTakesItsActivationAlongAndLeavesTheOthersTheirWeights()
    {
        using var whole = new AlexNet(Small);
        string[] all = [.. whole.named_children().Select(child => child.Item1)];
        Dictionary<string, double[]> weights = Given.Weights(whole);
        foreach ((string layer, string[] gone) in new[]
        {
            ("conv2", new[] { "conv2", "relu2", "lrn2" }), ("conv3", ["conv3", "relu3"]), ("conv4", ["conv4", "relu4"]), ("conv5", ["conv5", "relu5"]),
            ("fc6", ["fc6", "relu6", "drop6"]), ("fc7", ["fc7", "relu7", "drop7"]),
        })
        {
            using var network = new AlexNet(Small with { RemovedLayer = layer });
            CollectionAssert.AreEqual(all.Except(gone).ToArray(), network.named_children().Select(child => child.Item1).ToArray(), layer);
            CollectionAssert.AreEqual(weights["conv1.weight"], Given.Weights(network)["conv1.weight"]);
            if (layer != "fc7")
                CollectionAssert.AreEqual(weights["fc8.weight"], Given.Weights(network)["fc8.weight"], layer);
        }
    }

    [TestMethod]
    public void TheHalfSizeNetworkHasHalfTheKernelsUpToConv4()
    {
        // Without fc7 and on small pictures, which leave conv5's maps one pixel: the widths are the full ones.
        using var network = new AlexNet(new AlexNetOptions { HalfSize = true, Classes = 10, Side = 67, RemovedLayer = "fc7" });
        Dictionary<string, long> counts = network.named_parameters().GroupBy(pair => pair.Item1.Split('.')[0]).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Item2.NumberOfElements));
        Assert.AreEqual(48 * (11 * 11 * 3 + 1), counts["conv1"]);
        Assert.AreEqual(128 * (5 * 5 * 48 + 1), counts["conv2"]);
        Assert.AreEqual(192 * (3 * 3 * 128 + 1), counts["conv3"]);
        Assert.AreEqual(192 * (3 * 3 * 192 + 1), counts["conv4"]);
        Assert.AreEqual(256 * (3 * 3 * 192 + 1), counts["conv5"]);
        Assert.AreEqual(4096 * (256 + 1), counts["fc6"]);
        Assert.AreEqual(10 * (4096 + 1), counts["fc8"]);
    }

    [TestMethod]
    public void PoolingWithoutOverlapHasWindowsOfTwo()
    {
        using var network = new AlexNet(Small with { OverlappingPooling = false, Side = 224 });
        foreach (string layer in new[] { "pool1", "pool2", "pool5" })
        {
            var pool = (TorchSharp.Modules.MaxPool2d)network.named_children().Single(child => child.Item1 == layer).Item2;
            CollectionAssert.AreEqual(new long[] { 2, 2 }, pool.kernel_size);
            CollectionAssert.AreEqual(new long[] { 2, 2 }, pool.stride);
        }
        Assert.AreEqual(16 * 6 * 6, network.named_parameters().Single(pair => pair.Item1 == "fc6.weight").Item2.shape[1]);
    }

    [TestMethod]
    [DataRow(64, AlexNetWindow.Ceiling, true)]
    [DataRow(35, AlexNetWindow.Symmetric, false)]
    [DataRow(36, AlexNetWindow.Ceiling, false)]
    public void TheSmallestSideFollowsTheVariant(int smallest, AlexNetWindow window, bool overlapping)
    {
        AlexNetOptions options = Small with { Side = smallest, Stem = AlexNetStem.Paper, Window = window, OverlappingPooling = overlapping };
        using (var network = new AlexNet(options))
        {
            using var scope = NewDisposeScope();
            CollectionAssert.AreEqual(new long[] { 1, 3 }, network.call(zeros(1, 3, smallest, smallest)).shape);
        }
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => (options with { Side = smallest - 1 }).Validate()).Message;
        Assert.Contains($"need {smallest}", message);
    }

    [TestMethod]
    public void VariantsAreChecked()
    {
        Assert.Contains("conv2, conv3", Error(Small with { RemovedLayer = "conv1" }));
        Assert.Contains("Symmetric, Ceiling", Error(Small with { Window = (AlexNetWindow)5 }));
        Error(Small with { Order = (AlexNetOrder)5 });
        Error(Small with { Activation = (AlexNetActivation)5 });
        Error(Small with { ResponseNormScope = (ResponseNormScope)5 });
        Assert.Contains("α of 0", Error(Small with { ResponseNormAlpha = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new FusedLocalResponseNorm(5, groups: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SpatialResponseNorm(4, 1e-3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SpatialResponseNorm(5, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SpatialResponseNorm(5, 1e-3, k: 0));
        using var three = new FusedLocalResponseNorm(5, groups: 3);
        using Tensor maps = zeros(1, 16, 4, 4);
        Assert.Contains("multiple of 3", Assert.ThrowsExactly<ArgumentException>(() => three.call(maps)).Message);

        static string Error(AlexNetOptions options) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => options.Validate()).Message;
    }
}
