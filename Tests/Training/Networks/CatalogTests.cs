using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class CatalogTests
{
    // The counts that PAPER.md and torchvision's documentation have.
    [TestMethod]
    [DataRow("alexnet", 60_965_224)]
    [DataRow("vgg11", 132_863_336)]
    [DataRow("vgg11_bn", 132_868_840)]
    [DataRow("vgg13", 133_047_848)]
    [DataRow("vgg13_bn", 133_053_736)]
    [DataRow("vgg16", 138_357_544)]
    [DataRow("vgg16_bn", 138_365_992)]
    [DataRow("vgg19", 143_667_240)]
    [DataRow("vgg19_bn", 143_678_248)]
    [DataRow("googlenet", 13_378_280)]
    [DataRow("googlenet_bn", 13_004_888)]
    [DataRow("resnet18", 11_689_512)]
    [DataRow("resnet34", 21_797_672)]
    [DataRow("resnet50", 25_557_032)]
    [DataRow("resnet101", 44_549_160)]
    [DataRow("resnet152", 60_192_808)]
    [DataRow("densenet121", 7_978_856)]
    [DataRow("densenet169", 14_149_480)]
    [DataRow("densenet201", 20_013_928)]
    public void ParametersAreThePublishedOnes(string name, long parameters)
    {
        NetworkDefinition definition = NetworkCatalog.Default.Get(name);
        using nn.Module<Tensor, Tensor> network = definition.Outline(definition.Options);
        Assert.AreEqual(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    [TestMethod]
    public void EveryNetworkTakesAnySizeAndSaysWhatItCannot()
    {
        foreach (NetworkDefinition definition in NetworkCatalog.Default.Definitions)
        {
            using nn.Module<Tensor, Tensor> network = NetworkCatalog.Default.Create(definition.Name, definition.Options with { Classes = 7, Side = 28, Width = 0.2, Seed = 3 });
            using Tensor pictures = randn(2, 3, 28, 28);
            network.eval();
            using (no_grad())
            using (Tensor logits = network.call(pictures))
            {
                CollectionAssert.AreEqual(new long[] { 2, 7 }, logits.shape, definition.Name);
                Assert.IsTrue(Given.Floats(logits).All(float.IsFinite), definition.Name);
            }
            foreach (Recipe recipe in definition.Recipes)
            {
                recipe.Validate();
                string json = recipe.ToJson();
                Assert.AreEqual(json, Recipe.FromJson(json).ToJson());
                Assert.AreEqual(recipe.Network, Recipe.FromJson(json).Network, definition.Name);
            }
            foreach (NetworkOptions wrong in new[] { definition.Options with { Side = 7 }, definition.Options with { Classes = 0 }, definition.Options with { Width = 9 }, definition.Options with { Dropout = 1 } })
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => definition.Create(wrong).Dispose(), $"{definition.Name} {wrong}");
        }
        Assert.Contains("17", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ResNet(new ResNetOptions { Depth = 17 }).Dispose()).Message);
        Assert.Contains("VggOptions", Assert.ThrowsExactly<ArgumentException>(() => NetworkCatalog.Default.Create("resnet18", new VggOptions()).Dispose()).Message);
        Assert.Contains("resnet18", Assert.ThrowsExactly<ArgumentException>(() => Networks.Create("resnet17").Dispose()).Message);
        Assert.Contains("alexnet", Assert.ThrowsExactly<ArgumentException>(() => NetworkCatalog.Default.Create("resnet18", towers: true).Dispose()).Message);
    }

    [TestMethod]
    public void TheSeedAloneDecidesTheWeights()
    {
        foreach (string name in new[] { "vgg11", "googlenet", "resnet20", "densenet121" })
        {
            byte[] first = Bytes(name, 1), again = Bytes(name, 1), other = Bytes(name, 2);
            CollectionAssert.AreEqual(first, again, name);
            CollectionAssert.AreNotEqual(first, other, name);
        }

        static byte[] Bytes(string name, long seed)
        {
            using nn.Module<Tensor, Tensor> network = Networks.Create(name, classes: 3, side: 32, width: 0.125, seed);
            return [.. network.parameters().SelectMany(parameter => parameter.bytes.ToArray())];
        }
    }

    [TestMethod]
    public void InitialWeightsHaveThePapersSpread()
    {
        Spread("resnet18", "layer1.0.conv1.weight", Math.Sqrt(2.0 / (64 * 9)));
        Spread("densenet121", "features.denseblock1.denselayer1.conv2.weight", Math.Sqrt(2.0 / (128 * 9)));
        Spread("googlenet", "inception3a.branch2.1.conv.weight", Math.Sqrt(1.0 / (96 * 9)));
        Spread("vgg11", "conv2_1.weight", Math.Sqrt(2.0 / (64 * 9 + 128 * 9)));

        static void Spread(string name, string parameter, double deviation)
        {
            using nn.Module<Tensor, Tensor> network = Networks.Create(name, classes: 3, side: 64);
            float[] weights = Given.Floats(network.named_parameters().Single(pair => pair.Item1 == parameter).Item2);
            Assert.AreEqual(deviation, Math.Sqrt(weights.Average(weight => (double)weight * weight)), 0.02 * deviation, name);
        }
    }

    [TestMethod]
    public void OptionsOfEveryFamilyComeBackFromJsonAndOthersAreRefused()
    {
        Recipe recipe = Recipes.Default with
        {
            Network = new GoogLeNetOptions { BatchNorm = true, AuxiliaryHeads = false, AuxiliaryWeight = 0.25, AuxiliaryDropout = 0.5, Stem = NetworkStem.Small, Initialization = GoogLeNetInitialization.He, Side = 40, Width = 0.3, Dropout = 0.1, Seed = 9 },
        };
        Assert.AreEqual(recipe.Network, Recipe.FromJson(recipe.ToJson()).Network);
        Assert.Contains("\"family\": \"googlenet\"", recipe.ToJson());
        Assert.DoesNotContain("family", Recipes.Paper.ToJson());
        string unknown = recipe.ToJson().Replace("\"googlenet\"", "\"lenet\"", StringComparison.Ordinal);
        Assert.Contains("lenet", Assert.ThrowsExactly<InvalidDataException>(() => Recipe.FromJson(unknown)).Message);
        string wrong = recipe.ToJson().Replace("auxiliaryWeight", "auxiliaryWait", StringComparison.Ordinal);
        Assert.Contains("auxiliaryWait", Assert.ThrowsExactly<InvalidDataException>(() => Recipe.FromJson(wrong)).Message);
        var own = new CustomNetworkOptions { Side = 12, Classes = 4 };
        Assert.AreEqual(own, Recipe.FromJson((Recipes.Default with { Network = own }).ToJson()).Network);
    }
}
