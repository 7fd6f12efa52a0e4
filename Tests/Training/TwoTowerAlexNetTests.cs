using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class TwoTowerAlexNetTests
{
    private const double Tolerance = 1e-5;
    private static readonly AlexNetOptions Small = new() { Classes = 7, Side = 67, Width = 0.125, Dropout = 0 };

    private static IEnumerable<AlexNetOptions> Variants =>
    [
        Small, Small with { ResponseNormScope = ResponseNormScope.EachTower }, Small with { Classes = 1 }, Small with { Side = 28, Classes = 3, Activation = AlexNetActivation.Tanh },
        Recipes.Original2012.AlexNetFor(5, 70) with { Width = 0.0625, Dropout = 0 }, Small with { Order = AlexNetOrder.Original2012, ContrastNorm = true },
        .. AlexNetOptions.MiddleLayers.Select(layer => Small with { RemovedLayer = layer, Width = 0.0625 }),
    ];

    [TestMethod]
    public void OutputAndGradientsAreThoseOfTheGroupedNetwork()
    {
        foreach (AlexNetOptions options in Variants)
        {
            using var scope = NewDisposeScope();
            using AlexNet single = Given.Network(options);
            using TwoTowerAlexNet towers = TwoTowerAlexNet.FromSingle(single);
            towers.MoveTo(CPU, CPU);
            double[] pixels = Given.Uniform(2 * 3 * options.Side * options.Side, 128, 3), direction = Given.Uniform(2 * options.Classes, 1, 4);
            Tensor x = Given.Tensor(pixels, 2, 3, options.Side, options.Side).requires_grad_(), y = Given.Tensor(pixels, 2, 3, options.Side, options.Side).requires_grad_();
            Tensor expected = single.call(x), actual = towers.call(y);
            expected.backward([Given.Tensor(direction, 2, options.Classes)]);
            actual.backward([Given.Tensor(direction, 2, options.Classes)]);

            AssertClose(expected, actual, $"logits of {options}");
            AssertClose(x.grad!, y.grad!, $"input of {options}");
            Dictionary<string, Parameter> parts = towers.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
            foreach ((string name, Parameter whole) in single.named_parameters())
            {
                Tensor gradient = parts.TryGetValue(name, out Parameter? same) ? same.grad! : cat([parts["first." + name].grad!, parts["second." + name].grad!], 0);
                AssertClose(whole.grad!, gradient, $"{name} of {options}");
            }
            Assert.AreEqual(single.parameters().Sum(parameter => parameter.NumberOfElements), towers.parameters().Sum(parameter => parameter.NumberOfElements));
        }
    }

    [TestMethod]
    public void ConversionKeepsEveryBit()
    {
        foreach (AlexNetOptions options in Variants)
        {
            using AlexNet single = Given.Network(options);
            using TwoTowerAlexNet towers = TwoTowerAlexNet.FromSingle(single);
            using AlexNet back = towers.ToSingle();
            Dictionary<string, double[]> before = Given.Weights(single), after = Given.Weights(back);
            CollectionAssert.AreEqual(before.Keys.ToArray(), after.Keys.ToArray());
            foreach (string name in before.Keys)
                CollectionAssert.AreEqual(before[name], after[name], name);
        }
        using var fresh = new TwoTowerAlexNet(Small);
        using var one = new AlexNet(Small);
        using AlexNet joined = fresh.ToSingle();
        CollectionAssert.AreEqual(Given.Weights(one)["fc6.weight"], Given.Weights(joined)["fc6.weight"]);
    }

    [TestMethod]
    [DataRow(ResponseNormScope.EachTower)]
    [DataRow(ResponseNormScope.AllChannels)]
    public void TowersTalkOnlyWhereThePaperSays(ResponseNormScope normScope)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using TwoTowerAlexNet network = TwoTowerAlexNet.FromSingle(Given.Network(Small with { ResponseNormScope = normScope }));
        network.eval();
        Tensor x = Given.Tensor(Given.Uniform(3 * 67 * 67, 128, 3), 1, 3, 67, 67);
        Dictionary<string, float[]> before = Activations(network, x);
        foreach (Parameter parameter in network.First.parameters().Take(2))                 // conv1.weight, conv1.bias
            parameter.mul_(1.5);
        Dictionary<string, float[]> after = Activations(network, x);

        string[] layers = [.. before.Keys];
        int reached = Array.IndexOf(layers, normScope == ResponseNormScope.EachTower ? "conv3" : "lrn1");
        for (int i = 0; i < layers.Length; i++)
            Assert.AreEqual(i >= reached, !before[layers[i]].SequenceEqual(after[layers[i]]), layers[i]);
        if (normScope == ResponseNormScope.AllChannels)
        {
            // Two maps of the neighbour's are in the windows of maps 0 and 1 only.
            int map = before["pool1"].Length / 8;
            CollectionAssert.AreEqual(before["pool1"][(2 * map)..], after["pool1"][(2 * map)..]);
            CollectionAssert.AreNotEqual(before["pool1"][map..(2 * map)], after["pool1"][map..(2 * map)]);
        }
    }

    [TestMethod]
    public void EachTowerDropsOutOnItsOwn()
    {
        using var scope = NewDisposeScope();
        using var network = new TwoTowerAlexNet(Small with { Dropout = 0.5 });
        Assert.IsTrue(network.training);
        Tensor x = Given.Tensor(Given.Uniform(3 * 67 * 67, 128, 3), 1, 3, 67, 67);
        Dictionary<string, float[]> second = Activations(network, x);
        Assert.AreEqual(0.5, second["drop7"].Count(value => value == 0) / 256.0, 0.25);
        network.eval();
        CollectionAssert.AreEqual(Given.Floats(network.call(x)), Given.Floats(network.call(x)));
        using TwoTowerAlexNet evaluating = TwoTowerAlexNet.FromSingle(Evaluating());
        Assert.IsFalse(evaluating.training);
        using AlexNet single = evaluating.ToSingle();
        Assert.IsFalse(single.training);

        static AlexNet Evaluating()
        {
            var network = new AlexNet(Small);
            network.eval();
            return network;
        }
    }

    [TestMethod]
    public void NetworksOfOneTowerAreRefused()
    {
        Assert.Contains("one tower", Assert.ThrowsExactly<ArgumentException>(() => new TwoTowerAlexNet(Small with { Grouped = false })).Message);
        Assert.Contains("one tower", Assert.ThrowsExactly<ArgumentException>(() => new TwoTowerAlexNet(Small with { HalfSize = true })).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TwoTowerAlexNet(Small with { Side = 3 }));
    }

    [TestMethod]
    public void TrainingStepsLeaveNoTensorsBehind()
    {
        using var network = new TwoTowerAlexNet(Small with { Width = 0.01 });
        using var optimizer = new MomentumSgd(network.named_parameters());
        using Tensor x = zeros(2, 3, 67, 67);
        Step();
        long before = Given.TensorCount();
        Step();
        Assert.AreEqual(before, Tensor.TotalCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            network.call(x).sum().backward();
            optimizer.Step(1e-3);
            network.zero_grad();
        }
    }

    // What the second tower's layers give.
    private static Dictionary<string, float[]> Activations(TwoTowerAlexNet network, Tensor x)
    {
        var outputs = new Dictionary<string, float[]>();
        var removals = new List<Action>();
        foreach ((string name, nn.Module child) in network.Second.named_children())
        {
            var hook = ((nn.Module<Tensor, Tensor>)child).register_forward_hook((_, _, output) =>
            {
                outputs[name] = Given.Floats(output);
                return output;
            });
            removals.Add(hook.remove);
        }
        network.call(x).Dispose();
        removals.ForEach(remove => remove());
        return outputs;
    }

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        double difference = Given.RelativeDifference([.. Given.Floats(expected).Select(value => (double)value)], Given.Floats(actual));
        Assert.IsTrue(difference <= Tolerance, $"{what}: {difference:g3} of the largest magnitude");
    }
}
