using System.Security.Cryptography;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>Every network learns, at reduced width, through the trainer and through a run.</summary>
[TestClass]
public sealed class FamilyTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = Given.Folder();

    public void Dispose() => _folder.Dispose();

    // Without plain110: the paper could not train it either (He et al. 2015, figure 6: "the error of plain-110 is higher than 60% and not displayed").
    public static IEnumerable<object[]> Every => NetworkCatalog.Default.Definitions.Where(definition => definition.Name != "plain110").Select(definition => new object[] { definition.Name });

    [TestMethod]
    [DataRow("vgg11")]
    [DataRow("vgg11_bn")]
    [DataRow("googlenet")]
    [DataRow("googlenet_bn")]
    [DataRow("resnet18")]
    [DataRow("resnet50")]
    [DataRow("resnet20")]
    [DataRow("plain20")]
    [DataRow("densenet121")]
    public void TheLossFalls(string name) => Train(name, steps: 24);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Every))]
    public void TheLossFallsOver200Steps(string name) => Train(name, steps: 200);

    [TestMethod]
    [DataRow("resnet20")]
    [DataRow("googlenet_bn")]
    public void AResumedRunEndsAsOneThatWasNeverStopped(string name)
    {
        string pictures = _folder.File("pictures");
        Given.TwoClasses(pictures, 16);
        TrainingRequest request = new() { Data = [pictures], Run = _folder.File("whole"), Architecture = name, Side = 16, ShorterSide = 18, Width = 0.125, Epochs = 2, BatchSize = 8, Threads = 1 };
        TrainingJob.Run(request);
        TrainingJob.Run(request with { Run = _folder.File("parts"), MaxSteps = 3 });
        TrainingJob.Run(request with { Run = _folder.File("parts"), Architecture = null, Resume = true });
        Assert.AreEqual(Hash("whole"), Hash("parts"));
        using TrainedNetwork trained = TrainedNetwork.Load(_folder.File("whole"));
        Assert.AreEqual(name, trained.Run.Architecture);
        Assert.Contains(name, File.ReadAllText(_folder.File("whole/run.json")));
    }

    [TestMethod]
    public void ANetworkOfOnesOwnTrainsAndComesBack()
    {
        NetworkCatalog networks = NetworkCatalog.Default.With(new NetworkDefinition("mine", new CustomNetworkOptions { Side = 16 }, options => nn.Sequential(
            ("conv", nn.Conv2d(3, 8, 3, stride: 2)), ("relu", nn.ReLU()), ("flatten", nn.Flatten()), ("head", nn.Linear(8 * ((options.Side - 3) / 2 + 1) * ((options.Side - 3) / 2 + 1), options.Classes)))));
        string pictures = _folder.File("pictures");
        Given.TwoClasses(pictures, 16);
        var request = new TrainingRequest { Data = [pictures], Run = _folder.File("run"), Networks = networks, Architecture = "mine", Side = 16, ShorterSide = 18, Epochs = 2, BatchSize = 8, Threads = 1 };
        TrainingJob.Run(request);
        using TrainedNetwork trained = TrainedNetwork.Load(_folder.File("run"), networks);
        Assert.AreEqual(new CustomNetworkOptions { Side = 16, Classes = 2 }, trained.Run.Network);
        Assert.Contains("'mine'", Assert.ThrowsExactly<ArgumentException>(() => TrainedNetwork.Load(_folder.File("run")).Dispose()).Message);
        Assert.Contains("already", Assert.ThrowsExactly<ArgumentException>(() => networks.With(networks.Get("mine"))).Message);
        Assert.AreEqual("head", networks.Get("mine").ClassifierOf(trained.Network));
    }

    [TestMethod]
    public void WhatANetworkCannotBeToldIsRefusedBeforeAnythingIsRead()
    {
        var request = new TrainingRequest { Data = [_folder.File("none")], Run = _folder.File("run"), Architecture = "resnet18", Side = 32 };
        Assert.Contains("original-2012", Refused(request with { Recipe = "original-2012" }));
        Assert.Contains("AlexNet", Refused(request with { Without = [Ablation.LocalResponseNorm] }));
        Assert.Contains("none", Refused(request with { Dropout = 0.5 }));
        Assert.Contains("resnet19", Refused(request with { Architecture = "resnet19" }));
        Assert.Contains("16×16", Refused(request with { Architecture = "vgg16", Side = 15 }));

        static string Refused(TrainingRequest request) => Assert.ThrowsExactly<TrainingRequestException>(() => TrainingJob.Run(request)).Message;
    }

    private void Train(string name, int steps)
    {
        ImageFolder pictures = Given.TwoClasses(_folder.File("pictures"), 32);
        NetworkDefinition definition = NetworkCatalog.Default.Get(name);
        Recipe recipe = definition.Recipe("default");
        using nn.Module<Tensor, Tensor> network = definition.Create(recipe.Network with { Classes = 2, Side = 16, Width = 0.125 });
        TrainingResult result = new NetworkTrainer(recipe.Training with { Epochs = steps / 4, BatchSize = 16, Threads = 2 }).Train(network, pictures, null, Given.SmallPictures);
        Console.WriteLine($"{name}: loss {result.Epochs[0].TrainingLoss:F3} in the first epoch, {result.Epochs[^1].TrainingLoss:F3} in the last of {result.Epochs.Count}");
        Assert.IsLessThan(0.8 * result.Epochs[0].TrainingLoss, result.Epochs[^1].TrainingLoss, name);
    }

    private string Hash(string run) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_folder.File($"{run}/weights.safetensors"))));
}
