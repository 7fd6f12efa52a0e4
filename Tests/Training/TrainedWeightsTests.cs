using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>bfloat16 beside the same passes in float32.</summary>
[TestClass]
public sealed class TrainedWeightsTests
{
    [TestInitialize]
    public void Seed() => manual_seed(1);

    /// <summary>In bfloat16 a running mean of 10 would no longer take in a tenth of what it is off by.</summary>
    [TestMethod]
    public void BatchNormalizationsKeepTheirStatisticsInFloat32()
    {
        using Sequential network = Network();
        using (var weights = new TrainedWeights(network, TrainingPrecision.BFloat16))
        {
            for (int step = 0; step < 400; step++)
            {
                using var scope = NewDisposeScope();
                weights.Logits(randn(16, 3, 4, 4) * 0.5 + 10);
            }
            Dictionary<string, Tensor> state = weights.State.ToDictionary(item => item.Name, item => item.Tensor);
            Assert.IsTrue(state.Values.All(tensor => tensor.dtype is ScalarType.Float32 or ScalarType.Int64), string.Join(", ", state.Select(item => $"{item.Key} {item.Value.dtype}")));
            Assert.IsTrue(Given.Floats(state["norm.running_mean"]).All(mean => Math.Abs(mean - 10) < 0.02), string.Join(", ", Given.Floats(state["norm.running_mean"])));
            Assert.IsTrue(Given.Floats(state["norm.running_var"]).All(variance => Math.Abs(variance - 0.25) < 0.02), string.Join(", ", Given.Floats(state["norm.running_var"])));
        }
        Assert.IsTrue(network.named_parameters().All(pair => pair.Item2.dtype == ScalarType.Float32));
    }

    [TestMethod]
    public void StatisticsThatWereThereAreNotRounded()
    {
        using Sequential network = Network();
        Tensor mean = network.named_buffers().Single(pair => pair.Item1 == "norm.running_mean").Item2;
        using (no_grad())
            mean.fill_(0.123456789f);
        using (var weights = new TrainedWeights(network, TrainingPrecision.BFloat16))
            Assert.AreEqual(0.123456789f, Given.Floats(weights.State.Single(item => item.Name == "norm.running_mean").Tensor)[0]);
        Assert.AreEqual(0.123456789f, Given.Floats(network.named_buffers().Single(pair => pair.Item1 == "norm.running_mean").Item2)[0]);
    }

    [TestMethod]
    public void ConstantsAreNotRoundedForGood()
    {
        using var network = nn.Sequential(("mean", new ConstantOperand(Arithmetic.Subtract, tensor(123.675f))), ("flatten", nn.Flatten()), ("fc", nn.Linear(3, 2)));
        using (var weights = new TrainedWeights(network, TrainingPrecision.BFloat16))
        {
            using var scope = NewDisposeScope();
            Assert.IsTrue(weights.Logits(zeros(2, 3, 1, 1)).isfinite().all().item<bool>());
            Assert.AreEqual(123.675f, weights.State.Single(item => item.Name == "mean.constant").Tensor.item<float>());
        }
        Assert.AreEqual(123.675f, network.named_buffers().Single().Item2.item<float>());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void LogitsAndGradientsAreThoseOfFloat32UpToRounding(int seed)
    {
        manual_seed(seed);
        using Sequential rounded = Network(), exact = Network();
        using (no_grad())
        {
            foreach ((Parameter to, Parameter from) in rounded.parameters().Zip(exact.parameters()))
                to.copy_(from);
        }
        using var scope = NewDisposeScope();
        Tensor pictures = randn(16, 3, 4, 4), labels = arange(16, dtype: ScalarType.Int64) % 2;
        using var weights = new TrainedWeights(rounded, TrainingPrecision.BFloat16);
        weights.ClearGradients();
        nn.functional.cross_entropy(weights.Logits(pictures), labels).backward();
        weights.CollectGradients();
        nn.functional.cross_entropy(exact.call(pictures), labels).backward();
        foreach (((string name, Parameter master), Parameter expected) in weights.Parameters.Zip(exact.parameters()))
            AssertClose(expected.grad!, master.grad!, name);
        rounded.eval();
        exact.eval();
        AssertClose(exact.call(pictures), weights.Logits(pictures), "logits");

        // A gradient is a sum of terms that may nearly cancel, as those of a normalization's scale do here: against the size of the sum, rounding is large then.
        static void AssertClose(Tensor expected, Tensor actual, string what)
        {
            double difference = Given.RelativeDifference([.. Given.Floats(expected).Select(value => (double)value)], Given.Floats(actual));
            Assert.IsLessThan(0.1, difference, what);
        }
    }

    /// <summary>The meta device, which every torch has, in place of a second GPU.</summary>
    [TestMethod]
    public void EachTowerStaysOnItsDevice()
    {
        using var network = new TwoTowerAlexNet(new AlexNetOptions { Classes = 2, Side = 16, Width = 0.02 });
        network.MoveTo(META, CPU);
        using (var weights = new TrainedWeights(network, TrainingPrecision.BFloat16))
        {
            AssertPlaces(ScalarType.BFloat16);
            Assert.IsTrue(weights.Parameters.All(pair => pair.Parameter.is_meta != pair.Name.StartsWith("second.", StringComparison.Ordinal)));
        }
        AssertPlaces(ScalarType.Float32);

        void AssertPlaces(ScalarType type)
        {
            foreach ((string name, Parameter parameter) in network.named_parameters())
                Assert.AreEqual((!name.StartsWith("second.", StringComparison.Ordinal), type), (parameter.is_meta, parameter.dtype), name);
        }
    }

    private static Sequential Network() => nn.Sequential(
        ("norm", nn.BatchNorm2d(3)), ("conv", nn.Conv2d(3, 4, 3)), ("relu", nn.ReLU()), ("plain", nn.BatchNorm2d(4, affine: false)), ("flatten", nn.Flatten()),
        ("flat", nn.BatchNorm1d(16)), ("fc", nn.Linear(16, 2)));
}
