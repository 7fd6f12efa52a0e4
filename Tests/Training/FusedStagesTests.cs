using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>ReLU, response normalization and pooling in one pass against the same layers one after the other.</summary>
[TestClass]
public sealed class FusedStagesTests
{
    [TestMethod]
    [DataRow(2, 5, 3, 3)]               // one window
    [DataRow(1, 3, 4, 9)]               // the last row belongs to no window
    [DataRow(2, 7, 6, 7)]
    [DataRow(3, 16, 13, 13)]
    [DataRow(2, 9, 27, 28)]
    [DataRow(2, 32, 55, 55)]            // several tiles, and enough for several threads
    [DataRow(1, 2, 5, 700)]             // wider than a tile
    public void EqualsTheLayersOneAfterTheOther(int n, int c, int h, int w)
    {
        foreach (int threads in new[] { 1, 3 })
        foreach (bool ties in new[] { false, true })
        foreach (string layers in new[] { "relu lrn pool", "relu pool", "relu lrn", "lrn pool" })
        {
            int before = get_num_threads();
            set_num_threads(threads);
            try
            {
                Compare(layers, ties, n, c, h, w);
            }
            finally
            {
                set_num_threads(before);
            }
        }
    }

    // The layers' own passes: torch's ReLU and pooling, and the response normalization that its own test holds against float64. Every number must
    // be the same, so that where training fuses and where it does not are one network.
    private static void Compare(string layers, bool ties, int n, int c, int h, int w)
    {
        using var scope = NewDisposeScope();
        nn.Module<Tensor, Tensor>[] modules = [.. layers.Split(' ').Select(Layer)];
        double[] values = Given.Uniform(n * c * h * w, 100, 3);
        if (ties)
            values = [.. values.Select(value => Math.Round(value / 40))];
        Tensor a = Given.Tensor(values, n, c, h, w).requires_grad_(), b = a.detach().clone().requires_grad_();
        Assert.IsTrue(StageFunction.Fits(a, layers.EndsWith("pool", StringComparison.Ordinal)), "nothing would be fused");
        Tensor fused = FusedStages.Forward(modules, a), separate = b;
        foreach (var module in modules)
            separate = module.call(separate);
        string what = $"{layers}, ties {ties}, {get_num_threads()} threads";
        CollectionAssert.AreEqual(separate.shape, fused.shape, what);
        CollectionAssert.AreEqual(Given.Floats(separate), Given.Floats(fused), what);
        Tensor gradient = Given.Tensor(Given.Uniform((int)fused.NumberOfElements, 1, 4), fused.shape);
        fused.backward([gradient]);
        separate.backward([gradient]);
        CollectionAssert.AreEqual(Given.Floats(b.grad!), Given.Floats(a.grad!), $"gradient of {what}");
        foreach (var module in modules)
            module.Dispose();
    }

    [TestMethod]
    public void EqualsFloat64()
    {
        using var scope = NewDisposeScope();
        nn.Module<Tensor, Tensor>[] modules = [Layer("relu"), Layer("lrn"), Layer("pool")];
        Tensor a = Given.Tensor(Given.Uniform(2 * 12 * 27 * 27, 100, 5), 2, 12, 27, 27).requires_grad_();
        Tensor b = a.detach().to(float64).requires_grad_();
        Tensor fused = FusedStages.Forward(modules, a), exact = FusedStages.Forward(modules, b);        // torch's composite: not float32
        Tensor gradient = Given.Tensor(Given.Uniform((int)fused.NumberOfElements, 1, 6), fused.shape);
        fused.backward([gradient]);
        exact.backward([gradient.to(float64)]);
        Assert.IsLessThanOrEqualTo(1e-6, Given.RelativeDifference(Doubles(exact), Given.Floats(fused)), "forward");
        Assert.IsLessThanOrEqualTo(1e-6, Given.RelativeDifference(Doubles(b.grad!), Given.Floats(a.grad!)), "backward");
    }

    [TestMethod]
    public void NotANumberComesThroughAsInTorch()
    {
        using var scope = NewDisposeScope();
        double[] values = Given.Uniform(2 * 9 * 9, 1, 7);
        (values[3], values[40], values[81]) = (double.NaN, double.NegativeInfinity, double.PositiveInfinity);
        nn.Module<Tensor, Tensor>[] modules = [Layer("relu"), Layer("pool")];
        Tensor a = Given.Tensor(values, 1, 2, 9, 9).requires_grad_(), b = a.detach().clone().requires_grad_();
        Tensor fused = FusedStages.Forward(modules, a), separate = nn.functional.max_pool2d(nn.functional.relu(b), 3, 2);
        CollectionAssert.AreEqual(Given.Floats(separate), Given.Floats(fused));
        Assert.Contains(float.NaN, Given.Floats(fused));
        fused.sum().backward();
        separate.sum().backward();
        CollectionAssert.AreEqual(Given.Floats(b.grad!), Given.Floats(a.grad!));
    }

    [TestMethod]
    public void WhatDoesNotFitGoesThroughTorch()
    {
        using var scope = NewDisposeScope();
        Tensor picture = Given.Tensor(Given.Uniform(2 * 8 * 12 * 12, 10, 8), 2, 8, 12, 12);
        foreach (nn.Module<Tensor, Tensor> pool in new nn.Module<Tensor, Tensor>[]
        {
            nn.MaxPool2d(2, 2), nn.MaxPool2d(3, 2, padding: 1), nn.MaxPool2d(3, 2, ceil_mode: true), nn.MaxPool2d(3, 2, dilation: 2), nn.MaxPool2d((3, 2), (2, 2)), nn.AvgPool2d(3, 2),
        })
            CollectionAssert.AreEqual(Given.Floats(pool.call(picture.relu())), Given.Floats(FusedStages.Forward([nn.ReLU(), pool], picture)));
        Tensor transposed = picture.transpose(2, 3), tiny = picture.narrow(2, 0, 2).narrow(3, 0, 2).contiguous();
        CollectionAssert.AreEqual(Given.Floats(nn.functional.max_pool2d(transposed.relu(), 3, 2)), Given.Floats(FusedStages.Forward([Layer("relu"), Layer("pool")], transposed)));
        using var lrn = FusedLocalResponseNorm.Paper();
        CollectionAssert.AreEqual(Given.Floats(lrn.call(tiny.relu())), Given.Floats(FusedStages.Forward([nn.ReLU(), lrn], tiny)));
    }

    [TestMethod]
    public void TheNetworkTrainsAsItsLayersDo()
    {
        using var scope = NewDisposeScope();
        using AlexNet network = Given.Network(new AlexNetOptions { Classes = 7, Side = 63, Width = 0.25, Dropout = 0 });
        network.train();
        Tensor pictures = Given.Tensor(Given.Uniform(3 * 3 * 63 * 63, 100, 9), 3, 3, 63, 63), labels = tensor(new long[] { 1, 6, 2 });
        nn.functional.cross_entropy(network.call(pictures), labels).backward();
        Dictionary<string, float[]> fused = Gradients(network);
        network.zero_grad();
        Tensor value = pictures;
        foreach ((_, nn.Module module) in network.named_children())
            value = ((nn.Module<Tensor, Tensor>)module).call(value);
        nn.functional.cross_entropy(value, labels).backward();
        foreach ((string name, float[] gradient) in Gradients(network))
            CollectionAssert.AreEqual(gradient, fused[name], name);
    }

    [TestMethod]
    public void NothingIsKeptWhereNoGradientIsAskedFor()
    {
        nn.Module<Tensor, Tensor>[] modules = [Layer("relu"), Layer("lrn"), Layer("pool")];
        using Tensor input = randn([2, 8, 9, 9], requires_grad: true);
        long before = Given.TensorCount();
        using (no_grad())
        using (Tensor output = FusedStages.Forward(modules, input))
        {
            Assert.IsFalse(output.requires_grad);
            Assert.AreEqual(before + 1, Tensor.TotalCount);
        }
        // The real package holds a second handle of the output in the gradient's node, as long as that lives.
        using (Tensor output = FusedStages.Forward(modules, input))
            Assert.IsInRange(before + 1, before + 2, Tensor.TotalCount);
        Assert.AreEqual(before, Given.TensorCount());
    }

    private static nn.Module<Tensor, Tensor> Layer(string name) => name switch
    {
        "relu" => nn.ReLU(),
        "lrn" => FusedLocalResponseNorm.Paper(),
        _ => nn.MaxPool2d(3, 2),
    };

    private static Dictionary<string, float[]> Gradients(nn.Module network) =>
        network.named_parameters().ToDictionary(pair => pair.Item1, pair => Given.Floats(pair.Item2.grad!));

    private static double[] Doubles(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor dense = detached.contiguous();
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(dense.bytes).ToArray();
    }
}
