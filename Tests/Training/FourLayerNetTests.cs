using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class FourLayerNetTests
{
    [TestMethod]
    [DataRow(32, 16, 8, 4)]
    [DataRow(28, 14, 7, 3)]
    [DataRow(9, 4, 2, 1)]
    public void ShapesAreThoseOfTheReleasedDefinition(int side, int first, int second, int third)
    {
        using var network = new FourLayerNet(new FourLayerOptions { Side = side, ResponseNorm = true });
        using var scope = NewDisposeScope();
        var shapes = new List<string>();
        Tensor x = zeros(2, 3, side, side);
        foreach ((string name, nn.Module child) in network.named_children())
        {
            x = ((nn.Module<Tensor, Tensor>)child).call(x);
            shapes.Add($"{name} {string.Join(',', x.shape.Skip(1))}");
        }
        CollectionAssert.AreEqual(
            new[]
            {
                $"conv1 32,{side},{side}", $"pool1 32,{first},{first}", $"relu1 32,{first},{first}", $"rnorm1 32,{first},{first}", $"conv2 32,{first},{first}", $"relu2 32,{first},{first}",
                $"pool2 32,{second},{second}", $"rnorm2 32,{second},{second}", $"conv3 64,{second},{second}", $"relu3 64,{second},{second}", $"pool3 64,{third},{third}",
                $"flatten {64 * third * third}", "fc4 10",
            },
            shapes);
    }

    [TestMethod]
    public void CifarsHas89578Parameters()
    {
        // 32·(75+1) + 32·(800+1) + 64·(800+1) + 10·(1024+1)
        using var network = new FourLayerNet(new FourLayerOptions());
        Assert.AreEqual((32 * 76) + (32 * 801) + (64 * 801) + (10 * 1025), network.parameters().Sum(parameter => parameter.NumberOfElements));
        Assert.IsFalse(network.named_children().Any(child => child.Item1.StartsWith("rnorm", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void WeightsFollowTheirInitialization()
    {
        foreach ((FourLayerInitialization initialization, AlexNetActivation activation) in new[]
        {
            (FourLayerInitialization.Original, AlexNetActivation.ReLU), (FourLayerInitialization.FanIn, AlexNetActivation.ReLU), (FourLayerInitialization.FanIn, AlexNetActivation.Tanh),
        })
        {
            using var network = new FourLayerNet(new FourLayerOptions { Initialization = initialization, Activation = activation });
            double gain = activation == AlexNetActivation.ReLU ? 2 : 1;
            double[] expected = initialization == FourLayerInitialization.Original ? [1e-4, 0.01, 0.01, 0.01] : [Math.Sqrt(gain / 75), Math.Sqrt(gain / 800), Math.Sqrt(gain / 800), 0.01];
            string[] layers = ["conv1", "conv2", "conv3", "fc4"];
            Dictionary<string, double[]> weights = Given.Weights(network);
            for (int i = 0; i < layers.Length; i++)
            {
                double[] values = weights[layers[i] + ".weight"];
                Assert.AreEqual(expected[i], Math.Sqrt(values.Average(value => value * value)), 5 * expected[i] / Math.Sqrt(2.0 * values.Length), layers[i]);
                Assert.IsTrue(weights[layers[i] + ".bias"].All(value => value == 0));
            }
        }
    }

    [TestMethod]
    public void TanhStandsInForReLUAndLearns()
    {
        foreach (AlexNetActivation activation in Enum.GetValues<AlexNetActivation>())
        {
            using var network = new FourLayerNet(new FourLayerOptions { Side = 12, Classes = 2, Activation = activation });
            Assert.AreEqual(activation == AlexNetActivation.Tanh ? 3 : 0, network.named_children().Count(child => child.Item2 is TorchSharp.Modules.Tanh));
            using var optimizer = new MomentumSgd(network.named_parameters(), weightDecay: 0);
            // Noise that is brighter in every other picture.
            double[] pixels = [.. Given.Uniform(8 * 3 * 144, 0.5, 1).Select((value, i) => value + (i / (3 * 144) % 2 == 0 ? 0.5 : -0.5))];
            using Tensor pictures = Given.Tensor(pixels, 8, 3, 12, 12), labels = tensor(new long[] { 0, 1, 0, 1, 0, 1, 0, 1 });
            double first = 0, last = 0;
            for (int step = 0; step < 15; step++)
            {
                using var scope = NewDisposeScope();
                network.zero_grad();
                Tensor loss = nn.functional.cross_entropy(network.call(pictures), labels);
                loss.backward();
                optimizer.Step(0.02);
                last = loss.item<float>();
                first = step == 0 ? last : first;
            }
            Assert.IsLessThan(first / 2, last, activation.ToString());
        }
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        FourLayerOptions[] wrong = [new() { Classes = 0 }, new() { Side = 7 }, new() { Side = 513 }, new() { Activation = (AlexNetActivation)4 }, new() { Initialization = (FourLayerInitialization)4 }];
        foreach (FourLayerOptions options in wrong)
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new FourLayerNet(options), options.ToString());
    }
}
