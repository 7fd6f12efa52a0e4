using AlexNetMl.Onnx;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Every kind of layer, in every operator set that writes one of them differently; ONNX Runtime must compute what torch does.</summary>
[TestClass]
public sealed class LayerKindTests
{
    private const int Side = 9;

    private static readonly int[] Opsets = [13, 14, 17, 18, 19, 20, 21];

    // Debian's checker knows no newer ones.
    private const int NewestChecked = 17;

    private static TestFolder _folder = null!;
    private static int _files;

    [ClassInitialize]
    public static void Open(TestContext _) => _folder = new TestFolder();

    [ClassCleanup]
    public static void Close() => _folder.Dispose();

    [TestMethod]
    public void Convolutions_of_signals_and_volumes()
    {
        Exported(Signals(), ("conv", nn.Conv1d(3, 4, 5, stride: 2, padding: 3, dilation: 2)));
        Exported(Signals(), ("conv", nn.Conv1d(3, 6, 4, Padding.Same, groups: 3, bias: false)));
        Exported(Volumes(), ("conv", nn.Conv3d(1, 4, (2, 3, 1), (1, 2, 1), (1, 0, 2), (2, 1, 1))));
        Exported(Volumes(), ("wide", nn.Conv3d(1, 4, 1)), ("conv", nn.Conv3d(4, 6, (2, 3, 4), Padding.Same, groups: 2, bias: false)));
    }

    [TestMethod]
    public void Borders_other_than_zeros_around_convolutions()
    {
        Exported(("conv", nn.Conv2d(3, 4, (3, 5), (1, 2), (1, 2), padding_mode: PaddingModes.Reflect)));
        Exported(("conv", nn.Conv2d(3, 4, (4, 2), Padding.Same, dilation: (1, 3), padding_mode: PaddingModes.Replicate)));
        Exported(("conv", nn.Conv2d(3, 4, 3, padding_mode: PaddingModes.Circular))); // nothing to pad
        Exported(Signals(), ("conv", nn.Conv1d(3, 4, 5, padding: 2, padding_mode: PaddingModes.Reflect)));
        Exported(Volumes(), ("conv", nn.Conv3d(1, 2, (1, 3, 2), (1, 1, 1), (0, 1, 1), padding_mode: PaddingModes.Replicate)));
        using Sequential circular = Network(("conv", nn.Conv2d(3, 4, 3, padding: 1, padding_mode: PaddingModes.Circular)));
        foreach (int opset in Opsets.Where(opset => opset < 19))
        {
            Assert.Contains("opset 19", Assert.ThrowsExactly<OnnxExportException>(() => Export(opset, circular)).Message);
        }
    }

    [TestMethod]
    public void Borders_of_any_value_and_crops()
    {
        foreach (double value in (double[])[0, 1.5, -2])
        {
            Exported(Signals(), ("pad", nn.ConstantPad1d((2, 5), value)), ("pool", nn.MaxPool1d(3)));
            Exported(("pad", nn.ConstantPad2d((1, 2, 3, 0), value)), ("pool", nn.AvgPool2d(2, padding: 1, count_include_pad: false)));
            Exported(("pad", nn.ConstantPad2d((-1, 2, 0, -2), value)));
            Exported(Volumes(), ("pad", nn.ConstantPad3d((1, 0, 2, 0, 3, 1), value)));
        }
    }

    [TestMethod]
    public void Poolings_of_signals_and_volumes()
    {
        foreach (bool ceiling in (bool[])[false, true])
        {
            Exported(Signals(), ("pool", nn.MaxPool1d(4, 3, 2, 1, ceiling)));
            Exported(Signals(), ("pool", nn.MaxPool1d(2, stride: 5, dilation: 4, ceil_mode: ceiling)));
            Exported(Volumes(), ("pool", nn.MaxPool3d((1, 3, 2), (1, 2, 3), (0, 1, 1), (1, 2, 1), ceiling)));
            foreach (bool counted in (bool[])[false, true])
            {
                Exported(Signals(), ("pool", nn.AvgPool1d(4, 3, 2, ceiling, counted)));
                Exported(Volumes(), ("pool", nn.AvgPool3d([2, 3, 2], [1, 2, 3], [1, 1, 0], ceiling, counted)));
            }

            Exported(("pool", nn.AvgPool2d(3, stride: 2, padding: 1, ceil_mode: ceiling, divisor_override: 5)));
            Exported(Volumes(), ("pool", nn.AvgPool3d(2, padding: 1, ceil_mode: ceiling, divisor_override: 3)));
        }

        Exported(Signals(), ("pool", nn.MaxPool1d(2)));
        Exported(Volumes(), ("pool", nn.MaxPool3d(2)));
    }

    [TestMethod]
    public void Adaptive_poolings_with_windows_of_equal_and_of_different_sizes()
    {
        foreach (long[] output in (long[][])[[1, 1], [9, 9], [3, 3], [3, 1], [4, 6], [9, 4], [4, 9], [12, 2], [11, 10]])
        {
            Exported(("pool", nn.AdaptiveAvgPool2d(output)));
            Exported(("pool", nn.AdaptiveMaxPool2d(output)));
        }

        foreach (long output in (long[])[1, 27, 81, 7])
        {
            Exported(Signals(), ("pool", nn.AdaptiveAvgPool1d(output)));
        }

        foreach ((long, long, long) output in ((long, long, long)[])[(1, 1, 1), (3, 9, 9), (3, 3, 1), (2, 4, 5), (2, 9, 9), (3, 4, 9), (3, 9, 5), (2, 4, 9)])
        {
            Exported(Volumes(), ("pool", nn.AdaptiveAvgPool3d(output)));
        }
    }

    [TestMethod]
    public void Activations()
    {
        foreach (nn.Module<Tensor, Tensor> activation in (nn.Module<Tensor, Tensor>[])
            [
                nn.ReLU6(), nn.LeakyReLU(0.2), nn.PReLU(1, 0.1), nn.PReLU(4, 0.3), nn.ELU(1.5), nn.SiLU(), nn.GELU(), nn.Sigmoid(), nn.Hardsigmoid(),
                nn.Hardswish(), nn.Tanh(), nn.LogSoftmax(1), nn.LogSoftmax(-1), nn.Softmax(2),
            ])
        {
            Exported(("conv", Quiet(nn.Conv2d(3, 4, 3))), ("activation", activation));
        }

        Assert.Contains("HardSigmoid", Operators(13, ("activation", nn.Hardswish())));
        Assert.Contains("HardSwish", Operators(14, ("activation", nn.Hardswish())));
    }

    [TestMethod]
    public void Linear_layers_over_the_last_axis()
    {
        Exported(("linear", nn.Linear(9, 4)));
        Exported(Signals(), ("linear", nn.Linear(81, 4, hasBias: false)));
        Exported(Signals(), ("first", nn.Linear(81, 4)), ("norm", nn.LayerNorm(4)), ("second", nn.Linear(4, 7)));
    }

    [TestMethod]
    public void Batch_norms_of_vectors_signals_and_volumes()
    {
        Exported(("flat", nn.Flatten()), ("norm", nn.BatchNorm1d(243)));
        Exported(Signals(), ("norm", nn.BatchNorm1d(3, affine: false)));
        Exported(Volumes(), ("wide", nn.Conv3d(1, 4, 1)), ("norm", nn.BatchNorm3d(4)));
    }

    [TestMethod]
    public void Layer_norms()
    {
        Exported(("norm", nn.LayerNorm(9)));
        Exported(("norm", nn.LayerNorm([3, 9, 9], eps: 1e-3)));
        Exported(("norm", nn.LayerNorm([9, 9], bias: false)));
        Exported(Signals(), ("norm", nn.LayerNorm(81, elementwise_affine: false)));
        Assert.Contains("LayerNormalization", Operators(17, ("norm", nn.LayerNorm(9))));
        Assert.DoesNotContain("LayerNormalization", Operators(16, ("norm", nn.LayerNorm(9))));
    }

    [TestMethod]
    public void Group_norms()
    {
        foreach (int groups in (int[])[1, 2, 6])
        {
            Exported(("wide", nn.Conv2d(3, 6, 3)), ("norm", nn.GroupNorm(groups, 6, eps: 1e-3)));
            Exported(Signals(), ("wide", nn.Conv1d(3, 6, 3)), ("norm", nn.GroupNorm(groups, 6, affine: false)));
        }

        Exported(Volumes(), ("wide", nn.Conv3d(1, 4, 1)), ("norm", nn.GroupNorm(2, 4)));
    }

    [TestMethod]
    public void Axes_joined_and_split()
    {
        Exported(("join", nn.Flatten(1, 2)), ("split", nn.Unflatten(1, [3, -1])), ("again", nn.Unflatten(3, [3, 3])), ("end", nn.Flatten(-2)));
        Exported(("drop3", nn.Dropout3d()), ("rows", nn.Flatten(2)), ("drop1", nn.Dropout1d()));
        using Sequential mixed = nn.Sequential(("join", nn.Flatten(0, 1)), ("flatten", nn.Flatten()), ("fc", nn.Linear(81, 5)));
        Assert.Contains("after the batch", Assert.ThrowsExactly<OnnxExportException>(() => Export(17, mixed)).Message);
    }

    [TestMethod]
    public void Response_normalisation_is_standard_operators()
    {
        foreach ((double beta, string[] operators) in ((double, string[])[])
            [
                (0.75, ["Mul", "Conv", "Sqrt", "Sqrt", "Mul", "Div"]), (0.5, ["Mul", "Conv", "Sqrt", "Div"]), (1, ["Mul", "Conv", "Div"]),
                (0.6, ["Mul", "Conv", "Pow", "Div"]),
            ])
        {
            CollectionAssert.AreEqual(
                (string[])["Conv", .. operators, "Flatten", "Gemm", "Softmax"],
                Operators(13, ("conv", nn.Conv2d(3, 8, 1)), ("lrn", nn.LocalResponseNorm(5, alpha: 1e-3, beta, k: 2))).ToArray());
            foreach (long size in (long[])[1, 2, 5, 8])
            {
                Exported(("conv", nn.Conv2d(3, 8, 1)), ("lrn", nn.LocalResponseNorm(size, alpha: 1e-3, beta, k: 2)));
            }
        }
    }

    [TestMethod]
    public void The_official_checker_agrees_with_every_shape()
    {
        Exported(Signals(), ("linear", nn.Linear(81, 4)), ("norm", nn.GroupNorm(1, 3)), ("prelu", nn.PReLU(3)));
        OfficialChecker.Check(_folder.Path);
    }

    private static void Exported(params (string, nn.Module<Tensor, Tensor>)[] layers)
    {
        using Sequential network = Network(layers);
        foreach (int opset in Opsets)
        {
            Assert.IsLessThanOrEqualTo(1e-5, Export(opset, network).Verification.WorstRelativeDifference);
        }
    }

    private static void Exported((string, nn.Module<Tensor, Tensor>) first, params (string, nn.Module<Tensor, Tensor>)[] layers) => Exported([first, .. layers]);

    private static List<string> Operators(int opset, params (string, nn.Module<Tensor, Tensor>)[] layers)
    {
        using Sequential network = Network(layers);
        return [.. OnnxFile.Read(Export(opset, network).Path).Graph.Node.Select(node => node.OpType)];
    }

    private static OnnxExportReport Export(int opset, Sequential network)
    {
        string file = _folder.File($"{Interlocked.Increment(ref _files)}.{(opset > NewestChecked ? "new" : "onnx")}");
        return OnnxExporter.Export(network, file, TestNetworks.Options(Side, 5) with { Opset = opset });
    }

    private static Sequential Network(params (string Name, nn.Module<Tensor, Tensor> Layer)[] layers)
    {
        using var scope = NewDisposeScope();
        Tensor row = zeros(1, 3, Side, Side);
        foreach ((_, nn.Module<Tensor, Tensor> layer) in layers)
        {
            layer.eval();
            row = layer.call(row);
        }

        Sequential network = nn.Sequential([.. layers, ("flatten", nn.Flatten()), ("fc", nn.Linear(row.NumberOfElements, 5))]);
        TestNetworks.Settle(network);
        return network;
    }

    // Keeps values of ±128 in the range where functions bend.
    private static Conv2d Quiet(Conv2d layer)
    {
        using var noGradients = no_grad();
        layer.weight.mul_(0.02f);
        return layer;
    }

    // [batch, 3, 9, 9] as three signals of 81 values.
    private static (string, nn.Module<Tensor, Tensor>) Signals() => ("signals", nn.Flatten(2));

    // The same as volumes of one channel.
    private static (string, nn.Module<Tensor, Tensor>) Volumes() => ("volumes", nn.Unflatten(1, [1, 3]));
}
