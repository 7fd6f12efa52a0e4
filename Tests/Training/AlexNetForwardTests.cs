using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>Every layer against <see cref="ReferenceNetwork"/>, and proof that the comparison would notice a wrong port.</summary>
[TestClass]
public sealed class AlexNetForwardTests
{
    private const double Tolerance = 1e-5;

    [TestMethod]
    [DataRow(67, true)]
    [DataRow(67, false)]
    [DataRow(28, true)]
    [DataRow(15, false)]
    public void EveryLayerEqualsFloat64(int side, bool grouped)
    {
        using Check check = new(side, grouped);
        foreach ((string layer, double difference) in check.Differences(check.Options))
            Assert.IsTrue(difference <= Tolerance, $"{layer}: {difference:g3} of the largest magnitude");
    }

    [TestMethod]
    public void LrnAlphaOffByFiveIsNoticed()
    {
        using Check check = new(67, grouped: true);
        AssertNoticed("lrn1", check, check.Options with { Alpha = 5e-4 });
        AssertNoticed("lrn1", check, check.Options with { Alpha = 2e-5 });
    }

    [TestMethod]
    public void WrongGroupsAreNoticed()
    {
        using Check check = new(67, grouped: true);
        AssertNoticed("conv2", check, check.Options with { IgnoreGroupOffset = true });
    }

    [TestMethod]
    public void MirroredKernelIsNoticed()
    {
        using Check check = new(67, grouped: true);
        AssertNoticed("conv1", check, check.Options with { MirrorKernels = true });
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(-1)]
    public void PaddingOffByOneIsNoticed(int offset)
    {
        using Check check = new(67, grouped: true);
        AssertNoticed("conv1", check, check.Options with { PaddingOffset = offset });
    }

    /// <summary>The layer itself and the logits are far outside the tolerance, not just outside.</summary>
    private static void AssertNoticed(string layer, Check check, ReferenceOptions mutated)
    {
        Dictionary<string, double> differences = check.Differences(mutated).ToDictionary(pair => pair.Layer, pair => pair.Difference);
        Assert.IsGreaterThan(100 * Tolerance, differences[layer], layer);
        Assert.IsGreaterThan(100 * Tolerance, differences["fc8"], "fc8");
    }

    private sealed class Check : IDisposable
    {
        private readonly AlexNet _network;
        private readonly Maps _input;

        public Check(int side, bool grouped)
        {
            _network = Given.Network(new AlexNetOptions { Classes = 7, Side = side, Width = 0.125, Grouped = grouped });
            _network.eval();
            _input = new Maps(2, 3, side, side) { Values = Given.Uniform(2 * 3 * side * side, 128, 3) };
            Options = new ReferenceOptions { PaperStem = side >= 63, Grouped = grouped };
        }

        public ReferenceOptions Options { get; }

        public IEnumerable<(string Layer, double Difference)> Differences(ReferenceOptions options)
        {
            using IDisposable noGradients = no_grad();
            using var scope = NewDisposeScope();
            Tensor x = Given.Tensor(_input.Values, _input.N, _input.C, _input.H, _input.W);
            List<(string Name, Maps Output)> expected = ReferenceNetwork.Forward(_input, Given.Weights(_network), options);
            CollectionAssert.AreEqual(expected.Select(layer => layer.Name).ToArray(), _network.named_children().Select(child => child.Item1).ToArray());
            var differences = new List<(string, double)>();
            foreach (((string name, Maps output), (string _, nn.Module child)) in expected.Zip(_network.named_children()))
            {
                x = ((nn.Module<Tensor, Tensor>)child).call(x);
                differences.Add((name, Given.RelativeDifference(output.Values, Given.Floats(x))));
            }
            return differences;
        }

        public void Dispose() => _network.Dispose();
    }
}
