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
}
