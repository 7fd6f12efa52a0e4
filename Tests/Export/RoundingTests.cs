using System.Globalization;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>How far from torch the logits are that ONNX Runtime computes, from the input on, and what they are allowed.</summary>
[TestClass]
public sealed class RoundingTests
{
    public static IEnumerable<object[]> Every => FamilyTests.Every;

    [TestMethod]
    [DataRow("resnet110")]
    [DataRow("plain44")]
    public void Logits_agree_end_to_end(string name) => Check(name);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Every))]
    public void Logits_of_every_network_agree_end_to_end(string name) => Check(name);

    private static void Check(string name)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = FamilyTests.Network(name, auxiliaries: false);
        foreach (bool folds in (bool[])[false, true])
        {
            OnnxVerification verification = OnnxExporter.Export(
                network, folder.File("model.onnx"), TestNetworks.Options(28, 5) with { FoldBatchNorm = folds }).Verification;
            TensorDifference logits = verification.Tensors[^2];
            TensorDifference worst = verification.Tensors.SkipLast(1).MaxBy(tensor => tensor.EndToEndDifference)!;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}{(folds ? ", folded" : string.Empty)}: {logits.Name} {logits.EndToEndDifference:0.0e+0} (allowed {logits.AllowedEndToEnd:0.0e+0}), optimized {verification.OptimizedLogitsDifference:0.0e+0}; "
                + $"worst {worst.Name} {worst.EndToEndDifference:0.0e+0} (allowed {worst.AllowedEndToEnd:0.0e+0})"));
            if (!name.StartsWith("plain", StringComparison.Ordinal))
            {
                Assert.IsLessThanOrEqualTo(1e-5, logits.EndToEndDifference, "only networks without shortcuts make more than the tolerance of rounding");
            }

            Assert.IsLessThanOrEqualTo(logits.AllowedEndToEnd, logits.EndToEndDifference);
            Assert.IsLessThanOrEqualTo(1e-5, verification.Tensors.Max(tensor => tensor.RelativeDifference));
        }
    }
}
