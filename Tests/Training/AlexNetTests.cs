using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class AlexNetTests
{
    [TestMethod]
    public void ThePapersNetworkHas60965224Parameters()
    {
        using var network = new AlexNet(1000, 224);
        Dictionary<string, long> counts = network.named_parameters().GroupBy(pair => pair.Item1.Split('.')[0])
            .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Item2.NumberOfElements));
        Assert.AreEqual(60_965_224, counts.Values.Sum());
        Assert.AreEqual(34_944, counts["conv1"]);
        Assert.AreEqual(307_456, counts["conv2"]);
        Assert.AreEqual(885_120, counts["conv3"]);
        Assert.AreEqual(663_936, counts["conv4"]);
        Assert.AreEqual(442_624, counts["conv5"]);
        Assert.AreEqual(37_752_832, counts["fc6"]);
        Assert.AreEqual(16_781_312, counts["fc7"]);
        Assert.AreEqual(4_097_000, counts["fc8"]);
        AssertPaperWeights(network);
    }

    // Section 5: weights N(0, 0.01²); biases 1 in conv2, conv4, conv5 and the hidden fully connected layers, 0 elsewhere.
    private static void AssertPaperWeights(AlexNet network)
    {
        string[] ones = ["conv2", "conv4", "conv5", "fc6", "fc7"];
        foreach ((string name, Tensor parameter) in network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
        {
            float[] values = [.. Given.Floats(parameter).Take(500_000)];
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                Assert.IsTrue(values.All(value => value == (ones.Contains(name.Split('.')[0]) ? 1 : 0)), name);
                continue;
            }
            double mean = values.Average(value => (double)value), deviation = Math.Sqrt(values.Average(value => (double)value * value));
            Assert.AreEqual(0, mean, 5 * 0.01 / Math.Sqrt(values.Length), name);
            Assert.AreEqual(0.01, deviation, 5 * 0.01 / Math.Sqrt(2.0 * values.Length), name);
            double within = values.Count(value => Math.Abs(value) < 0.01) / (double)values.Length;
            Assert.AreEqual(0.6827, within, 5 * 0.5 / Math.Sqrt(values.Length), name + ": not normally distributed");
        }
    }

    [TestMethod]
    public void PaperLayerShapes()
    {
        using var network = new AlexNet(new AlexNetOptions { Width = 0.125 });
        string[] expected =
        [
            "conv1 16,55,55", "pool1 16,27,27", "conv2 32,27,27", "pool2 32,13,13", "conv3 48,13,13", "conv4 48,13,13", "conv5 32,13,13",
            "pool5 32,6,6", "flatten 1152", "fc6 512", "fc7 512", "fc8 1000",
        ];
        string[] shown = [.. Shapes(network, 224).Where(shape => expected.Any(text => text.Split(' ')[0] == shape.Split(' ')[0]))];
        CollectionAssert.AreEqual(expected, shown);
    }

    [TestMethod]
    [DataRow(63, AlexNetStem.Paper)]
    [DataRow(62, AlexNetStem.Small)]
    [DataRow(28, AlexNetStem.Small)]
    [DataRow(15, AlexNetStem.Small)]
    public void AutoStemFitsTheSide(int side, AlexNetStem stem)
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 3, Side = side, Width = 0.01 });
        Assert.AreEqual(stem, network.Options.ResolvedStem);
        Assert.AreEqual("fc8 3", Shapes(network, side).Last());
    }

    [TestMethod]
    public void UngroupedDoublesTheGroupedKernels()
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 10, Side = 67, Width = 0.125, Grouped = false });
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        CollectionAssert.AreEqual(new long[] { 32, 16, 5, 5 }, parameters["conv2.weight"].shape);
        CollectionAssert.AreEqual(new long[] { 48, 48, 3, 3 }, parameters["conv4.weight"].shape);
    }

    [TestMethod]
    public void HeWeightsFollowTheFanIn()
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 10, Side = 67, Width = 0.25, Initialization = AlexNetInitialization.He });
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            float[] values = Given.Floats(parameter);
            double fanIn = (double)parameter.NumberOfElements / parameter.shape[0];
            double expected = name.EndsWith("bias", StringComparison.Ordinal) ? 0 : name == "fc8.weight" ? 0.01 : Math.Sqrt(2 / fanIn);
            Assert.AreEqual(expected, Math.Sqrt(values.Average(value => (double)value * value)), 5 * expected / Math.Sqrt(2.0 * values.Length), name);
        }
    }

    [TestMethod]
    public void TheSeedAloneDecidesTheWeights()
    {
        AlexNetOptions options = new() { Classes = 4, Side = 32, Width = 0.1, Seed = 5 };
        manual_seed(1);
        using var first = new AlexNet(options);
        manual_seed(2);
        using var second = new AlexNet(options);
        using var third = new AlexNet(options with { Seed = 6 });
        Dictionary<string, double[]> a = Given.Weights(first), b = Given.Weights(second), c = Given.Weights(third);
        foreach (string name in a.Keys)
            CollectionAssert.AreEqual(a[name], b[name], name);
        CollectionAssert.AreNotEqual(a["conv1.weight"], c["conv1.weight"]);
        CollectionAssert.AreNotEqual(a["conv4.weight"].Take(100).ToArray(), a["conv5.weight"].Take(100).ToArray());
    }

    [TestMethod]
    public void DropoutActsInTrainingOnly()
    {
        using var scope = NewDisposeScope();
        AlexNet network = Given.Network(new AlexNetOptions { Classes = 3, Side = 32, Width = 0.125 });
        Tensor input = Given.Tensor(Given.Uniform(2 * 3 * 32 * 32, 128, 1), 2, 3, 32, 32);
        using (no_grad())
        {
            network.eval();
            CollectionAssert.AreEqual(Given.Floats(network.call(input)), Given.Floats(network.call(input)));
            network.train();
            manual_seed(1);
            float[] first = Given.Floats(network.call(input)), second = Given.Floats(network.call(input));
            CollectionAssert.AreNotEqual(first, second);
            manual_seed(1);
            CollectionAssert.AreEqual(first, Given.Floats(network.call(input)));

            // Half the outputs of fc6 are zero, the others doubled.
            Tensor ones = torch.ones(4, 512);
            foreach (string layer in new[] { "drop6", "drop7" })
            {
                var dropout = (Dropout)network.named_children().Single(child => child.Item1 == layer).Item2;
                float[] dropped = Given.Floats(dropout.call(ones));
                Assert.IsTrue(dropped.All(value => value is 0 or 2));
                Assert.AreEqual(0.5, dropped.Count(value => value == 0) / 2048.0, 0.06);
            }
        }
        network.Dispose();
    }

    [TestMethod]
    public void EveryOptionIsCheckedWithValueRangeAndRemedy()
    {
        Assert.Contains("63", Error(new AlexNetOptions { Side = 62, Stem = AlexNetStem.Paper }));
        Assert.Contains("15", Error(new AlexNetOptions { Side = 14 }));
        Assert.Contains("15", Error(new AlexNetOptions { Side = -1 }));
        Assert.Contains("4096", Error(new AlexNetOptions { Side = 5000 }));
        Assert.Contains("0 classes", Error(new AlexNetOptions { Classes = 0 }));
        Assert.Contains("(0, 8]", Error(new AlexNetOptions { Width = 0 }));
        Assert.Contains("(0, 8]", Error(new AlexNetOptions { Width = double.NaN }));
        Assert.Contains("[0, 1)", Error(new AlexNetOptions { Dropout = 1 }));
        Error(new AlexNetOptions { Stem = (AlexNetStem)9 });
        Error(new AlexNetOptions { Initialization = (AlexNetInitialization)9 });

        static string Error(AlexNetOptions options) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AlexNet(options).Dispose()).Message;
    }

    private static List<string> Shapes(AlexNet network, int side)
    {
        using IDisposable noGradients = no_grad();
        using var scope = NewDisposeScope();
        network.eval();
        Tensor x = zeros(1, 3, side, side);
        var shapes = new List<string>();
        foreach ((string name, nn.Module child) in network.named_children())
        {
            x = ((nn.Module<Tensor, Tensor>)child).call(x);
            shapes.Add($"{name} {string.Join(',', x.shape.Skip(1))}");
        }
        return shapes;
    }
}
