using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>torch's gradients, fused layers included, against central differences of the float64 reference.</summary>
[TestClass]
public sealed class GradientTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void GradientsEqualCentralDifferences(bool grouped)
    {
        const int Side = 21, Samples = 6;
        using var scope = NewDisposeScope();
        AlexNet network = Given.Network(new AlexNetOptions { Classes = 5, Side = Side, Width = 0.01, Grouped = grouped });
        network.eval();
        var input = new Maps(1, 3, Side, Side) { Values = Given.Uniform(3 * Side * Side, 128, 8) };
        double[] direction = Given.Uniform(5, 1, 9);
        Tensor x = Given.Tensor(input.Values, 1, 3, Side, Side).requires_grad_();
        Tensor logits = network.call(x);
        (logits * Given.Tensor(direction, 1, 5)).sum().backward();

        Dictionary<string, double[]> weights = Given.Weights(network);
        var options = new ReferenceOptions { PaperStem = false, Grouped = grouped };
        var random = new Random(4);
        foreach ((string name, Tensor parameter) in network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
            Compare(name, weights[name], Given.Floats(parameter.grad!));
        Compare("input", input.Values, Given.Floats(x.grad!));
        network.Dispose();

        void Compare(string name, double[] values, float[] gradient)
        {
            double largest = gradient.Max(Math.Abs);
            Assert.IsGreaterThan(0, largest, name);
            // The largest gradient and some at random: zeros are common behind ReLU and pooling.
            int steepest = Array.FindIndex(gradient, value => Math.Abs(value) == largest);
            foreach (int index in Enumerable.Range(0, Samples).Select(_ => random.Next(values.Length)).Append(steepest))
            {
                double kept = values[index], step = 1e-6 * Math.Max(1, Math.Abs(kept));
                values[index] = kept + step;
                double above = Objective();
                values[index] = kept - step;
                double below = Objective();
                values[index] = kept;
                Assert.AreEqual((above - below) / (2 * step), gradient[index], 1e-4 * largest, $"{name}[{index}]");
            }
        }

        double Objective() => ReferenceNetwork.Forward(input, weights, options)[^1].Output.Values.Zip(direction, (a, b) => a * b).Sum();
    }
}
