using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Layers whose settings mean something else in ONNX than in torch, or that runtimes get wrong.</summary>
[TestClass]
public sealed class LayerTests
{
    [TestMethod]
    public void Borders_in_front_of_poolings_survive_the_optimiser()
    {
        // Fused into the pooling, the first would forget the zeros (values here are negative), the second the divisor; the third would
        // not load.
        Exported(Negative(), ("pad", nn.ZeroPad2d(1)), ("pool", nn.MaxPool2d(3, stride: 2)));
        Exported(Negative(), ("pad", nn.ZeroPad2d(1)), ("pool", nn.MaxPool2d(3, stride: 2, padding: 1)));
        Exported(("pad", nn.ZeroPad2d((2, 0, 1, 0))), ("pool", nn.AvgPool2d(3, padding: 1, count_include_pad: false)));
        Exported(Negative(), ("pad", nn.ZeroPad2d(4)), ("pool", nn.MaxPool2d(2, padding: 1)));
        Exported(("pad", nn.ZeroPad2d((4, 1, 0, 4))), ("pool", nn.AvgPool2d(3)));
        Exported(("pad", nn.ZeroPad2d((0, 3, 0, 3))), ("conv", nn.Conv2d(3, 4, 5, stride: 4)));
        Exported(("crop", nn.ZeroPad2d((-1, 2, 0, -2))));
    }

    [TestMethod]
    public void Windows_that_hang_over_the_end_count_as_in_torch()
    {
        foreach (int side in (int[])[7, 8, 9, 10])
        {
            Exported(side, ("pool", nn.MaxPool2d(3, stride: 2, ceil_mode: true)));
            Exported(side, Negative(), ("pool", nn.MaxPool2d(3, stride: 2, padding: 1, ceil_mode: true)));
            Exported(side, Negative(), ("pool", nn.MaxPool2d((2, 3), stride: (3, 3), padding: (1, 1), dilation: (3, 2), ceil_mode: true)));
            Exported(side, Negative(), ("pool", nn.MaxPool2d(2, stride: 5, dilation: 4, ceil_mode: true)));
            foreach (bool counted in (bool[])[true, false])
            {
                Exported(side, ("pool", nn.AvgPool2d(3, stride: 2, ceil_mode: true, count_include_pad: counted)));
                Exported(side, ("pool", nn.AvgPool2d(3, stride: 2, padding: 1, ceil_mode: true, count_include_pad: counted)));
                Exported(side, ("pool", nn.AvgPool2d(2, stride: 3, padding: 1, ceil_mode: true, count_include_pad: counted)));
                Exported(side, ("pool", nn.AvgPool2d([3, 2], padding: [1, 0], ceil_mode: false, count_include_pad: counted)));
            }
        }
    }

    [TestMethod]
    public void Poolings_keep_their_defaults()
    {
        Exported(("pool", nn.MaxPool2d([2, 3])));
        Exported(("pool", nn.AvgPool2d([3, 2])));
        Exported(("pool", nn.AdaptiveAvgPool2d(1)));
        Exported(("pool", nn.AdaptiveAvgPool2d((3, 9))));
        Exported(("pool", nn.AdaptiveAvgPool2d((3, 1))));
    }

    [TestMethod]
    public void Same_padding_puts_the_odd_half_behind()
    {
        Exported(("conv", nn.Conv2d(3, 4, (4, 2), Padding.Same)));
        Exported(("conv", nn.Conv2d(3, 4, (2, 4), Padding.Same, dilation: (3, 1), bias: false)));
        Exported(("conv", nn.Conv2d(3, 6, 3, Padding.Valid, stride: 2, groups: 3)));
    }

    [TestMethod]
    public void Normalisation_windows_of_any_size_reach_the_channels_that_torch_reaches()
    {
        for (int size = 1; size <= 8; size++)
        {
            Exported(
                ("wide", nn.Conv2d(3, 7, 1)),
                ("lrn", nn.LocalResponseNorm(size, alpha: 1e-3, beta: 0.6, k: 1.5)),
                ("fused", new Training.FusedLocalResponseNorm(size, alpha: 2e-3, beta: 0.75, k: 2)));
        }
    }

    [TestMethod]
    public void Saturating_layers_are_judged_on_their_own_input()
    {
        OnnxVerification verification = Exported(
            ("conv1", nn.Conv2d(3, 16, 5)), ("tanh1", nn.Tanh()), ("conv2", nn.Conv2d(16, 16, 5)), ("softmax", nn.Softmax(1)), ("norm", nn.Sigmoid()));
        Assert.IsLessThanOrEqualTo(1e-5, verification.WorstRelativeDifference);
        Assert.IsTrue(verification.Tensors.All(t => t.EndToEndDifference < 1e-2));
    }

    [TestMethod]
    public void Nearly_closed_gates_are_judged_by_their_range()
    {
        // torch's sigmoid of -30 is 1e-13, ONNX Runtime's is 0: nothing of it is right to five digits.
        Conv2d closing = nn.Conv2d(3, 3, 1);
        using (no_grad())
        {
            closing.weight!.mul_(1e-3);
            closing.bias!.fill_(-30);
        }

        OnnxVerification verification = Exported(("gate", new Training.Branches(
            new Training.Product(), ("value", nn.Identity()), ("closed", nn.Sequential(("pool", nn.AdaptiveAvgPool2d(1)), ("squeeze", closing), ("scale", nn.Sigmoid()))))));
        TensorDifference gate = verification.Tensors.Single(tensor => tensor.Name == "gate.closed.scale");
        Assert.IsLessThan(1e-12, gate.LargestMagnitude);
        Assert.IsLessThan(1e-6, gate.EndToEndDifference * gate.LargestMagnitude);
    }

    [TestMethod]
    public void Layers_that_work_in_place_are_compared_before_they_are_overwritten()
    {
        OnnxVerification verification = Exported(
            ("conv", nn.Conv2d(3, 4, 3)), ("relu", nn.ReLU(inplace: true)), ("identity", nn.Identity()), ("again", nn.ReLU(inplace: true)));
        CollectionAssert.AreEqual(
            (string[])["conv", "relu", "again", "flatten", "fc", "Score"], verification.Tensors.Select(t => t.Name).ToArray());
    }

    [TestMethod]
    public void Nested_and_shared_modules_are_named_by_their_path()
    {
        var relu = nn.ReLU();
        var linear = nn.Linear(3 * 9 * 9, 3 * 9 * 9);
        OnnxVerification verification = Exported(
            ("features", nn.Sequential(("0", nn.Sequential(relu)), ("1", relu))),
            ("empty", nn.Sequential()),
            ("vector", nn.Sequential(("flatten", nn.Flatten()), ("a", linear), ("b", linear))));
        CollectionAssert.AreEqual(
            (string[])["features.0.0", "features.1", "vector.flatten", "vector.a", "vector.b", "flatten", "fc", "Score"],
            verification.Tensors.Select(t => t.Name).ToArray());
    }

    private static OnnxVerification Exported(params (string, nn.Module<Tensor, Tensor>)[] layers) => Exported(9, layers);

    private static OnnxVerification Exported(int side, params (string, nn.Module<Tensor, Tensor>)[] layers)
    {
        using var folder = new TestFolder();
        using Sequential body = nn.Sequential(layers);
        body.eval();
        long features;
        using (NewDisposeScope())
        {
            features = body.call(zeros(1, 3, side, side)).NumberOfElements;
        }

        using Sequential network = nn.Sequential([.. layers, ("flatten", nn.Flatten()), ("fc", nn.Linear(features, 5))]);
        return OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(side, 5)).Verification;
    }

    // 1×1 convolutions whose results are all below zero for inputs of ±128.
    private static (string, nn.Module<Tensor, Tensor>) Negative()
    {
        var sign = nn.Conv2d(3, 3, 1, groups: 3);
        using (no_grad())
        {
            sign.weight.fill_(-1);
            sign.bias!.fill_(-300);
        }

        return ("negative", sign);
    }
}
