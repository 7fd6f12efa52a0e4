using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>Weights under torchvision's names, and what starts anew or is refused where they do not fit.</summary>
[TestClass]
public sealed partial class PublishedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = Given.Folder();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void VggsNumberedMembersFindTheirLayers()
    {
        // torchvision's vgg11_bn: the convolutions of its features, a batch normalization behind each.
        (string Theirs, string Ours)[] names =
        [
            ("features.0", "conv1_1"), ("features.1", "bn1_1"), ("features.4", "conv2_1"), ("features.5", "bn2_1"), ("features.8", "conv3_1"), ("features.9", "bn3_1"),
            ("features.11", "conv3_2"), ("features.12", "bn3_2"), ("features.15", "conv4_1"), ("features.16", "bn4_1"), ("features.18", "conv4_2"), ("features.19", "bn4_2"),
            ("features.22", "conv5_1"), ("features.23", "bn5_1"), ("features.25", "conv5_2"), ("features.26", "bn5_2"), ("classifier.0", "fc6"), ("classifier.3", "fc7"), ("classifier.6", "fc8"),
        ];
        Dictionary<string, string> theirs = names.ToDictionary(pair => pair.Ours, pair => pair.Theirs);
        CheckLoads(
            new Vgg(new VggOptions { Depth = 11, BatchNorm = true, Side = 32, Width = 0.1, Classes = 3, Seed = 1 }),
            new Vgg(new VggOptions { Depth = 11, BatchNorm = true, Side = 32, Width = 0.1, Classes = 3, Seed = 2 }),
            name => theirs[name[..name.LastIndexOf('.')]] + name[name.LastIndexOf('.')..]);
    }

    [TestMethod]
    public void TheOldestNamesOfDenseNetAreUnderstood() => CheckLoads(
        new DenseNet(new DenseNetOptions { Side = 32, Width = 0.25, Classes = 3, Seed = 1 }),
        new DenseNet(new DenseNetOptions { Side = 32, Width = 0.25, Classes = 3, Seed = 2 }),
        name => Layer().Replace(name, "$1.$2"));

    [TestMethod]
    public void ResNetsAndGoogLeNetsNamesAreTorchvisions()
    {
        CheckLoads(
            new ResNet(new ResNetOptions { Depth = 18, Side = 32, Width = 0.125, Classes = 3, Seed = 1 }), new ResNet(new ResNetOptions { Depth = 18, Side = 32, Width = 0.125, Classes = 3, Seed = 2 }), name => name);
        CheckLoads(
            new GoogLeNet(new GoogLeNetOptions { BatchNorm = true, Side = 32, Width = 0.125, Classes = 3, Seed = 1 }),
            new GoogLeNet(new GoogLeNetOptions { BatchNorm = true, Side = 32, Width = 0.125, Classes = 3, Seed = 2 }),
            name => name);
    }

    [TestMethod]
    public void LeftoversGapsAndOtherShapesAreListed()
    {
        using nn.Module<Tensor, Tensor> with = Small("googlenet_bn", 4), narrow = Networks.Create("resnet20", 4, 32, 0.25);
        string file = _folder.File("weights.safetensors");
        SafeTensors.Save(State(with).Where(item => item.Name != "fc.bias").Append(("stray", State(with)[0].Tensor)), file);
        using var without = new GoogLeNet(new GoogLeNetOptions { BatchNorm = true, AuxiliaryHeads = false, Side = 32, Width = 0.125, Classes = 7 });
        byte[] before = [.. without.parameters().SelectMany(parameter => parameter.bytes.ToArray())];
        string message = Assert.ThrowsExactly<InvalidDataException>(() => SafeTensors.LoadWeights(without, file)).Message;
        Assert.Contains("missing: fc.bias", message);
        Assert.Contains("aux1.conv.conv.weight", message);
        Assert.Contains("fc.weight: module [7, 128], file [4, 128]", message);
        CollectionAssert.AreEqual(before, without.parameters().SelectMany(parameter => parameter.bytes.ToArray()).ToArray());
        WeightDifferences differences = SafeTensors.CompareWeights(without, file);
        Assert.Contains("stray", differences.Unexpected);
        SafeTensors.Save([("features.denseblock1.denselayer1.norm1.weight", State(with)[0].Tensor), ("features.denseblock1.denselayer1.norm.1.weight", State(with)[0].Tensor)], file);
        using nn.Module<Tensor, Tensor> dense = Small("densenet121", 4);
        Assert.Contains("twice", Assert.ThrowsExactly<InvalidDataException>(() => SafeTensors.LoadWeights(dense, file)).Message);
    }

    [TestMethod]
    [DataRow("resnet20", "fc")]
    [DataRow("densenet121", "classifier")]
    [DataRow("googlenet_bn", "fc")]
    [DataRow("vgg11_bn", "fc8")]
    public void ANewClassCountReplacesTheClassifierAndTheRestStaysFrozen(string name, string classifier)
    {
        using nn.Module<Tensor, Tensor> published = Small(name, classes: 5, side: 16);
        string file = _folder.File("published.safetensors"), pictures = _folder.File("pictures");
        Warm(published, 16);
        SafeTensors.SaveWeights(published, file);
        Given.TwoClasses(pictures, 20);
        var notices = new List<string>();
        TrainingJob.Run(
            new TrainingRequest { Data = [pictures], Run = _folder.File("run"), Architecture = name, Side = 16, ShorterSide = 18, Width = 0.125, Epochs = 2, BatchSize = 8, Threads = 1, From = file, Freeze = true },
            new TrainingListeners(notices.Add));
        Assert.Contains($"{classifier}.weight: module [2, ", string.Join('\n', notices));
        IReadOnlyDictionary<string, Tensor> trained = SafeTensors.Load(_folder.File("run/weights.safetensors"));
        string[] further = [.. ((published as IAuxiliaryClassifiers)?.Auxiliaries ?? []).Select(head => head.Classifier)];
        foreach ((string parameter, Tensor tensor) in State(published))
        {
            using Tensor now = trained[parameter];
            string layer = parameter[..parameter.LastIndexOf('.')];
            if (layer == classifier || further.Contains(layer))
                Assert.AreEqual(2, now.shape[0], parameter);
            else
                CollectionAssert.AreEqual(tensor.bytes.ToArray(), now.bytes.ToArray(), parameter);
        }
    }

    [TestMethod]
    public void WeightsOfAnotherNetworkAreRefused()
    {
        using nn.Module<Tensor, Tensor> published = Small("resnet20", 2, 16);
        string file = _folder.File("published.safetensors"), pictures = _folder.File("pictures");
        SafeTensors.SaveWeights(published, file);
        Given.TwoClasses(pictures, 6);
        var request = new TrainingRequest { Data = [pictures], Run = _folder.File("run"), Architecture = "resnet32", Side = 16, ShorterSide = 18, Width = 0.125, Epochs = 1, Threads = 1, From = file };
        Assert.Contains("layer1.3.conv1.weight", Assert.ThrowsExactly<InvalidDataException>(() => TrainingJob.Run(request)).Message);
        Assert.Contains("--freeze", Assert.ThrowsExactly<InvalidDataException>(() => TrainingJob.Run(request with { Architecture = "resnet20", Width = 1, Freeze = true })).Message);
        Assert.IsFalse(TrainingRun.Exists(request.Run));
    }

    private void CheckLoads(nn.Module<Tensor, Tensor> from, nn.Module<Tensor, Tensor> to, Func<string, string> theirName)
    {
        using (from)
        using (to)
        {
            // Old files lack the counters of batches.
            string file = _folder.File($"{Guid.NewGuid():N}.safetensors");
            SafeTensors.Save(State(from).Where(item => !item.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Select(item => (theirName(item.Name), item.Tensor)), file);
            Assert.IsTrue(SafeTensors.LoadWeights(to, file).None);
            foreach (((string name, Tensor a), (_, Tensor b)) in State(from).Zip(State(to)))
                CollectionAssert.AreEqual(a.bytes.ToArray(), b.bytes.ToArray(), name);
        }
    }

    private static nn.Module<Tensor, Tensor> Small(string name, int classes, int side = 32) => Networks.Create(name, classes, side, 0.125);

    private static void Warm(nn.Module<Tensor, Tensor> network, int side)
    {
        using var noGradients = no_grad();
        network.train();
        using Tensor pictures = randn(8, 3, side, side);
        network.call(pictures).Dispose();
    }

    private static List<(string Name, Tensor Tensor)> State(nn.Module network) =>
        [.. network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)), .. network.named_buffers().Select(pair => (pair.Item1, pair.Item2))];

    [GeneratedRegex(@"(denselayer\d+\.(?:norm|conv))([12])(?=\.)")]
    private static partial Regex Layer();
}
