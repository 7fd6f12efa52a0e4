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
}
