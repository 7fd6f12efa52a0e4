using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>bfloat16 beside the same passes in float32.</summary>
[TestClass]
public sealed class TrainedWeightsTests
{
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
}
