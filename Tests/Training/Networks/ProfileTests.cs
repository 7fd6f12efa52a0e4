using System.Xml.Linq;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class ProfileTests
{
    // Multiply-adds in billions: torchvision's documentation of its weights (GFLOPS), which counts convolutions and fully connected layers.
    [TestMethod]
    [DataRow("vgg11", 7.61)]
    [DataRow("vgg13", 11.31)]
    [DataRow("vgg16", 15.47)]
    [DataRow("vgg19", 19.63)]
    [DataRow("vgg16_bn", 15.47)]
    [DataRow("googlenet_bn", 1.50)]
    [DataRow("resnet18", 1.81)]
    [DataRow("resnet34", 3.66)]
    [DataRow("resnet50", 4.09)]
    [DataRow("resnet101", 7.80)]
    [DataRow("resnet152", 11.51)]
    [DataRow("densenet121", 2.83)]
    [DataRow("densenet169", 3.36)]
    [DataRow("densenet201", 4.29)]
    public void MultiplyAddsAreThePublishedOnes(string name, double billions) =>
        Assert.AreEqual(billions, Math.Round(NetworkProfile.Of(NetworkCatalog.Default.Get(name)).MultiplyAdds / 1e9, 2));

    [TestMethod]
    public void FiguresOfThePapersComeOut()
    {
        // Receptive fields: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019. 650,000 neurons: the AlexNet paper.
        NetworkProfile alexnet = Of("alexnet"), vgg = Of("vgg16"), googlenet = Of("googlenet"), resnet = Of("resnet50");
        Assert.AreEqual(195, alexnet.ReceptiveField);
        Assert.AreEqual(212, vgg.ReceptiveField);
        Assert.AreEqual(650_000, alexnet.Activations, 10_000);
        Assert.AreEqual(6_998_552, googlenet.ParametersInUse);
        Assert.AreEqual(13_378_280, googlenet.Parameters);
        foreach (NetworkDefinition definition in NetworkCatalog.Default.Definitions.Where(definition => definition.Name is not "alexnet"))
        {
            string digits = string.Concat(definition.Name.Where(char.IsAsciiDigit));
            Assert.AreEqual(digits.Length == 0 ? 22 : int.Parse(digits, null), NetworkProfile.Of(definition).Depth, definition.Name);
        }
        // The paper's own stride: 3.8 billion (table 1).
        NetworkProfile paper = NetworkProfile.Of(NetworkCatalog.Default.Get("resnet50"), new ResNetOptions { Depth = 50, Stride = BottleneckStride.OneByOne });
        Assert.AreEqual(3.86, Math.Round(paper.MultiplyAdds / 1e9, 2));
        Assert.AreEqual(resnet.Parameters, paper.Parameters);

        static NetworkProfile Of(string name) => NetworkProfile.Of(NetworkCatalog.Default.Get(name));
    }

    [TestMethod]
    public void ShapesAreThoseThatARunGives()
    {
        foreach (NetworkDefinition definition in NetworkCatalog.Default.Definitions)
        {
            foreach (int side in new[] { 28, 67 })
            {
                NetworkOptions options = definition.Options with { Side = side, Width = 0.125, Classes = 3 };
                NetworkProfile profile = NetworkProfile.Of(definition, options);
                using nn.Module<Tensor, Tensor> network = definition.Create(options);
                network.eval();
                Assert.AreEqual(network.parameters().Sum(parameter => parameter.numel()), profile.Parameters, definition.Name);
                using (no_grad())
                using (var scope = NewDisposeScope())
                {
                    Tensor value = zeros(1, 3, side, side);
                    var values = new Dictionary<string, Tensor> { [LayerList.Input] = value };
                    foreach (GraphNode node in (network as GraphNetwork)?.Nodes ?? [])
                    {
                        Tensor[] inputs = [.. node.Inputs.Select(path => values[path])];
                        values[node.Path] = node.Operation is Join join ? join.call(inputs) : ((nn.Module<Tensor, Tensor>)node.Operation).call(inputs[0]);
                        LayerProfile layer = profile.Layers.Single(one => one.Path == node.Path);
                        CollectionAssert.AreEqual(values[node.Path].shape[1..], layer.OutputShape.ToArray(), $"{definition.Name}, side {side}: {node.Path}");
                    }
                    CollectionAssert.AreEqual(new long[] { 1, 3 }, network.call(value).shape);
                }
            }
        }
    }

    [TestMethod]
    public void PicturesShowEveryLayerOnceOrCounted()
    {
        foreach (NetworkDefinition definition in NetworkCatalog.Default.Definitions)
        {
            NetworkProfile profile = NetworkProfile.Of(definition, definition.Options with { Width = 0.25 });
            XDocument svg = XDocument.Parse(NetworkDrawing.Svg(profile, definition.Title, definition.Paper!));
            string[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
            int convolutions = 0;
            foreach (DrawnSegment segment in DrawnSegment.Of(profile))
                convolutions += segment.Count * segment.Boxes.Count(box => box.First.Kind == "Conv2d");
            Assert.AreEqual(profile.Layers.Count(layer => layer.Kind == "Conv2d"), convolutions, definition.Name);
            Assert.Contains(definition.Title, texts);
            Assert.IsFalse(svg.ToString().Contains("NaN", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public void FurtherClassifiersAreBranchesOfThePictureAndOfNoOtherFigure()
    {
        // Szegedy et al. 2014, section 5: "4×4×512 output for the (4a), and 4×4×528 for the (4d) stage", 128 of 1×1, 1024 units, and a loss weighted by 0.3.
        NetworkDefinition definition = NetworkCatalog.Default.Get("googlenet");
        NetworkProfile profile = NetworkProfile.Of(definition);
        CollectionAssert.AreEqual(new[] { "aux1: inception4a.concat", "aux2: inception4d.concat" }, profile.Auxiliaries.Select(head => $"{head.Path}: {head.Input}").ToArray());
        string[] shapes = [.. profile.Auxiliaries.Select(head => string.Join(' ', head.Layers.Where(layer => layer.Parameters > 0 || layer.Kind == "AvgPool2d").Select(layer => layer.Shape)))];
        CollectionAssert.AreEqual(new[] { "512×4×4 128×4×4 1024 1000", "528×4×4 128×4×4 1024 1000" }, shapes);
        Assert.AreEqual(profile.Parameters - profile.ParametersInUse, profile.Auxiliaries.Sum(head => head.Layers.Sum(layer => layer.Parameters)));

        string[] texts = Texts(profile);
        CollectionAssert.IsSubsetOf(new[] { "aux1: training only", "aux2: training only" }, texts);
        Assert.AreEqual(2, texts.Count(text => text == "5×5 average pool /3"));
        Assert.AreEqual(2, texts.Count(text => text == "loss × 0.3"));
        NetworkProfile without = NetworkProfile.Of(definition, (GoogLeNetOptions)definition.Options with { AuxiliaryHeads = false });
        Assert.IsEmpty(without.Auxiliaries);
        Assert.DoesNotContain("softmax", Texts(without));
        Assert.AreEqual((profile.MultiplyAdds, profile.Activations, profile.Depth, profile.ParametersInUse), (without.MultiplyAdds, without.Activations, without.Depth, without.Parameters));
    }

    [TestMethod]
    public void APartWithABranchIsNotCountedWithTheNext()
    {
        using var network = new TappedNetwork("block2.sum", "block4.conv1");
        NetworkProfile profile = NetworkProfile.Of(network, 8);
        CollectionAssert.AreEqual(new[] { 2, 1, 1 }, DrawnSegment.Of(profile).Where(segment => segment.Boxes.Count > 1).Select(segment => segment.Count).ToArray());
        // One reads what leaves its part, the other one a convolution inside, whose activation then has a box of its own.
        CollectionAssert.IsSubsetOf(new[] { "head1: training only", "head2: training only", "ReLU" }, Texts(profile));
    }

    private static string[] Texts(NetworkProfile profile) =>
        [.. XDocument.Parse(NetworkDrawing.Svg(profile, profile.Name)).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

    // Four residual blocks, and a further classifier on each of some layers.
    private sealed class TappedNetwork : GraphNetwork, IAuxiliaryClassifiers
    {
        private readonly string[] _taps;

        public TappedNetwork(params string[] taps)
            : base(nameof(TappedNetwork), [LayerList.Input], Layers(), "fc")
        {
            _taps = taps;
            for (int i = 0; i < taps.Length; i++)
                register_module($"head{i + 1}", nn.Sequential(("flatten", nn.Flatten()), ("fc", nn.Linear(3 * 8 * 8, 2))));
        }

        public double AuxiliaryWeight => 0.5;

        public IReadOnlyList<AuxiliaryClassifier> Auxiliaries => [.. _taps.Select((tap, i) => new AuxiliaryClassifier($"head{i + 1}", tap, $"head{i + 1}.fc"))];

        public IReadOnlyList<Tensor> ForwardWithAuxiliaries(Tensor input) => throw new NotSupportedException();

        private static IReadOnlyList<GraphNode> Layers()
        {
            var layers = new LayerList(8, null);
            string x = layers.Conv("stem", LayerList.Input, 3, 3, 1, padding: 1);
            for (int i = 1; i <= 4; i++)
            {
                string y = layers.ReLU($"block{i}.relu", layers.Conv($"block{i}.conv1", x, 3, 3, 1, padding: 1));
                x = layers.Sum($"block{i}.sum", x, layers.Conv($"block{i}.conv2", y, 3, 3, 1, padding: 1));
            }
            layers.Linear("fc", layers.Flatten("flatten", x), 2);
            return layers.Nodes;
        }
    }
}
