using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Torch.Tests;

/// <summary>Layers over signals and volumes, norms and smooth activations, against plain loops in double precision.</summary>
[TestClass]
public sealed class LayerKindTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestInitialize]
    public void Seed() => manual_seed(12);

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    [DataRow(1, 1, 0, 1)]
    [DataRow(2, 3, 2, 2)]
    public void Convolution_of_signals(int groups, int stride, int padding, int dilation)
    {
        var (channels, filters, kernel, length) = (4, 6, 3, 11);
        using var layer = Conv1d(channels, filters, kernel, stride, padding, dilation, groups: groups).to(float64);
        var input = randn(2, channels, length, float64);
        var output = layer.call(input);
        var size = ((length + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1;
        CollectionAssert.AreEqual(new long[] { 2, filters, size }, output.shape);
        var (x, w, b, y) = (input.data<double>(), layer.weight.data<double>(), layer.bias!.data<double>(), output.data<double>());
        for (var n = 0; n < 2; n++)
        for (var f = 0; f < filters; f++)
        for (var place = 0; place < size; place++) {
            var sum = b[f];
            for (var c = 0; c < channels / groups; c++)
            for (var i = 0; i < kernel; i++) {
                var at = (place * stride) + (i * dilation) - padding;
                if (at >= 0 && at < length) sum += w[f, c, i] * x[n, (f / (filters / groups) * (channels / groups)) + c, at];
            }
            Assert.AreEqual(sum, y[n, f, place], 1e-12);
        }
    }

    [TestMethod]
    public void Convolution_of_volumes()
    {
        using var layer = Conv3d(2, 4, (2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 2), groups: 2).to(float64);
        var input = randn([1, 2, 3, 5, 6], float64);
        var output = layer.call(input);
        CollectionAssert.AreEqual(new long[] { 1, 4, 4, 3, 4 }, output.shape);
        var (x, w, b, y) = (input.data<double>(), layer.weight.data<double>(), layer.bias!.data<double>(), output.data<double>());
        for (var f = 0; f < 4; f++)
        for (var place = 0; place < 48; place++) {
            var (depth, row, column) = (place / 12, place / 4 % 3, place % 4);
            var sum = b[f];
            for (var i = 0; i < 12; i++) {
                var (d, r, c) = (depth + (i / 6) - 1, (row * 2) + (i / 2 % 3) - 1, column + (i % 2 * 2));
                if (d >= 0 && r >= 0 && d < 3 && r < 5) sum += w[f, 0, i / 6, i / 2 % 3, i % 2] * x[0, f / 2, d, r, c];
            }
            Assert.AreEqual(sum, y[0, f, depth, row, column], 1e-12);
        }
    }

    [TestMethod]
    public void Convolutions_with_named_padding_and_other_borders()
    {
        using var signal = Conv1d(2, 3, 4, Padding.Same);
        CollectionAssert.AreEqual(new long[] { 1, 3, 9 }, signal.call(randn(1, 2, 9)).shape);
        using var volume = Conv3d(2, 3, (1, 2, 3), Padding.Same);
        CollectionAssert.AreEqual(new long[] { 1, 3, 4, 5, 6 }, volume.call(randn([1, 2, 4, 5, 6])).shape);
        var input = randn(1, 1, 6);
        using var edges = Conv1d(1, 1, 3, padding: 1, padding_mode: PaddingModes.Replicate);
        using var plain = Conv1d(1, 1, 3);
        plain.weight = Parameter(edges.weight.clone());
        plain.bias = Parameter(edges.bias!.clone());
        var padded = cat([input.slice(2, 0, 1, 1), input, input.slice(2, 5, 6, 1)], 2);
        Assert.IsTrue(edges.call(input).allclose(plain.call(padded)));
        Assert.ThrowsExactly<ArgumentException>(() => signal.call(randn(1, 3, 9)));
        Assert.ThrowsExactly<ArgumentException>(() => volume.call(randn(2, 9)));
    }

    [TestMethod]
    public void Pooling_of_signals()
    {
        var input = randn(1, 2, 10, float64);
        var x = input.data<double>();
        var max = MaxPool1d(3, 2, padding: 1).call(input).data<double>();
        var (average, whole) = (AvgPool1d(3, 2, 1).call(input).data<double>(), AvgPool1d(3, 2, 1, count_include_pad: false).call(input).data<double>());
        for (var c = 0; c < 2; c++)
        for (var place = 0; place < 5; place++) {
            var window = (from i in Enumerable.Range((place * 2) - 1, 3) where i >= 0 && i < 10 select x[0, c, i]).ToList();
            Assert.AreEqual(window.Max(), max[0, c, place]);
            Assert.AreEqual(window.Sum() / 3, average[0, c, place], 1e-12);
            Assert.AreEqual(window.Average(), whole[0, c, place], 1e-12);
        }
        var (values, indices) = MaxPool1d(5).forward_with_indices(input);
        Assert.AreEqual(x[0, 1, indices[0, 1, 1].item<long>()], values[0, 1, 1].item<double>());
        Assert.AreEqual(Enumerable.Range(3, 4).Average(i => x[0, 0, i]), AdaptiveAvgPool1d(3).call(input)[0, 0, 1].item<double>(), 1e-12);
        Assert.IsNull(MaxPool1d(2).stride);
        CollectionAssert.AreEqual(new long[] { 1, 2, 4 }, MaxPool1d(3, ceil_mode: true).call(input).shape);
    }

    [TestMethod]
    public void Pooling_of_volumes_and_to_a_given_size()
    {
        var input = randn([1, 1, 4, 4, 6], float64);
        var x = input.data<double>();
        var max = MaxPool3d((2, 2, 3)).call(input).data<double>();
        var average = AvgPool3d((2, 2, 3)).call(input).data<double>();
        var adaptive = AdaptiveAvgPool3d(2).call(input).data<double>();
        var divided = AvgPool3d([2, 2, 3], divisor_override: 4).call(input).data<double>();
        for (var place = 0; place < 8; place++) {
            var (d, r, c) = (place / 4, place / 2 % 2, place % 2);
            var window = (from i in Enumerable.Range(0, 12) select x[0, 0, (2 * d) + (i / 6), (2 * r) + (i / 3 % 2), (3 * c) + (i % 3)]).ToList();
            Assert.AreEqual(window.Max(), max[0, 0, d, r, c]);
            Assert.AreEqual(window.Average(), average[0, 0, d, r, c], 1e-12);
            Assert.AreEqual(window.Average(), adaptive[0, 0, d, r, c], 1e-12);
            Assert.AreEqual(window.Sum() / 4, divided[0, 0, d, r, c], 1e-12);
        }
        Assert.IsNull(MaxPool3d(2).stride);
        var (values, indices) = MaxPool3d(4).forward_with_indices(input);
        Assert.AreEqual(input.flatten()[indices.flatten()[0]].item<double>(), values.flatten()[0].item<double>());
        var picture = randn(1, 1, 5, 7, float64);
        var largest = AdaptiveMaxPool2d([2, 3]).call(picture);
        Assert.AreEqual(picture.slice(2, 0, 3, 1).slice(3, 2, 5, 1).max().item<double>(), largest[0, 0, 0, 1].item<double>());
        Assert.AreEqual(largest[0, 0, 1, 2].item<double>(), AdaptiveMaxPool2d([2, 3]).forward_with_indices(picture).output[0, 0, 1, 2].item<double>());
    }

    [TestMethod]
    public void Layer_and_group_norms()
    {
        var input = randn(2, 6, 3, 4, float64) * 3 + 1;
        var x = input.data<double>();
        using var layer = LayerNorm([3, 4], eps: 1e-3).to(float64);
        init.uniform_(layer.weight);
        init.uniform_(layer.bias!);
        using var group = GroupNorm(2, 6, eps: 1e-3).to(float64);
        init.uniform_(group.weight);
        init.uniform_(group.bias!);
        var (one, two) = (layer.call(input).data<double>(), group.call(input).data<double>());
        for (var n = 0; n < 2; n++)
        for (var c = 0; c < 6; c++) {
            var map = (from i in Enumerable.Range(0, 12) select x[n, c, i / 4, i % 4]).ToList();
            var members = (from i in Enumerable.Range(0, 36) select x[n, (c / 3 * 3) + (i / 12), i / 4 % 3, i % 4]).ToList();
            for (var i = 0; i < 12; i++) {
                var (w, b) = (layer.weight[i / 4, i % 4].item<double>(), layer.bias![i / 4, i % 4].item<double>());
                Assert.AreEqual(Normal(map, map[i]) * w + b, one[n, c, i / 4, i % 4], 1e-10);
                (w, b) = (group.weight[c].item<double>(), group.bias![c].item<double>());
                Assert.AreEqual(Normal(members, map[i]) * w + b, two[n, c, i / 4, i % 4], 1e-10);
            }
        }
        CollectionAssert.AreEqual(new[] { "weight", "bias" }, LayerNorm(4).named_parameters().Select(p => p.name).ToArray());
        CollectionAssert.AreEqual(new[] { "weight" }, LayerNorm(4, bias: false).named_parameters().Select(p => p.name).ToArray());
        Assert.IsFalse(LayerNorm(4, elementwise_affine: false).parameters().Any());
        Assert.IsTrue(LayerNorm(4).weight.Equals(ones(4)));
        Assert.IsFalse(GroupNorm(2, 6, affine: false).parameters().Any());
        Assert.ThrowsExactly<ArgumentException>(() => group.call(randn(2, 6, float64)));
    }

    [TestMethod]
    public void Batch_norms_of_other_ranks()
    {
        var input = randn(5, 3, 4, float64) * 2 + 1;
        using var signals = BatchNorm1d(3).to(float64);
        var channel = input.select(1, 2);
        Assert.IsTrue(signals.call(input).select(1, 2).allclose((channel - channel.mean()) / ((channel - channel.mean()).square().mean() + 1e-5).sqrt()));
        Assert.IsTrue(BatchNorm1d(4).to(float64).call(input.select(1, 0)).mean().abs().item<double>() < 1e-12);
        Assert.IsTrue(BatchNorm3d(3).to(float64).call(input.view(5, 3, 2, 2, 1)).flatten(2).allclose(BatchNorm1d(3).to(float64).call(input)));
        Assert.ThrowsExactly<ArgumentException>(() => signals.call(randn(1, 3, 2, 2, float64)));
        Assert.ThrowsExactly<ArgumentException>(() => BatchNorm3d(3).call(randn(1, 3, 2, 2)));
    }

    [TestMethod]
    public void Activations_are_their_formulas()
    {
        var input = linspace(-8, 8, 161, float64);
        var x = input.data<double>().ToArray();
        Same(ReLU6(), v => Math.Clamp(v, 0, 6));
        Same(SiLU(), v => v / (1 + Math.Exp(-v)));
        Same(Hardsigmoid(), v => Math.Clamp(v + 3, 0, 6) / 6);
        Same(Hardswish(), v => v * Math.Clamp(v + 3, 0, 6) / 6);
        Same(ELU(1.5), v => v > 0 ? v : 1.5 * (Math.Exp(v) - 1));
        Same(PReLU(1).to(float64), v => v > 0 ? v : 0.25 * v);
        // Φ(x)·x by the series of the normal distribution, which double precision bears out to here.
        Same(GELU(), v => v * (0.5 + (Math.Exp(-v * v / 2) / Math.Sqrt(2 * Math.PI) * OddSeries(v))), 1e-9);
        foreach (var inPlace in new Module<Tensor, Tensor>[] { ReLU6(true), SiLU(true), GELU(true), Hardsigmoid(true), Hardswish(true) }) {
            var changed = input.clone();
            Assert.IsTrue(inPlace.call(changed).Equals(changed), inPlace.GetName());
            Assert.IsFalse(changed.Equals(input), inPlace.GetName());
        }
        var maps = randn(2, 3, 4, float64);
        using var slopes = PReLU(3).to(float64);
        slopes.weight = Parameter(tensor(new[] { 0.1, 0.2, 0.3 }));
        Assert.IsTrue(slopes.call(maps).select(1, 2).allclose(functional.leaky_relu(maps.select(1, 2), 0.3)));

        void Same(Module<Tensor, Tensor> layer, Func<double, double> formula, double tolerance = 1e-12)
        {
            var y = layer.call(input).data<double>();
            for (var i = 0; i < x.Length; i++) Assert.AreEqual(formula(x[i]), y[i], tolerance, $"{layer.GetName()}({x[i]})");
        }
    }

    [TestMethod]
    public void Borders_dropout_and_axes()
    {
        Assert.AreEqual(2 + (3 * 1.5), ConstantPad1d((1, 2), 1.5).call(ones(1, 1, 2)).sum().item<float>());
        CollectionAssert.AreEqual(new long[] { 1, 1, 13, 9, 5 }, ConstantPad3d((1, 2, 3, 4, 5, 6), 0).call(ones([1, 1, 2, 2, 2])).shape);
        Assert.AreEqual(8 - (56 * 2), ConstantPad3d(1, -2).call(ones([1, 1, 2, 2, 2])).sum().item<float>());
        var signals = Dropout1d(0.5).call(ones(1, 200, 3)).sum([2L]);
        CollectionAssert.AreEquivalent(new[] { 0f, 6f }, signals.data<float>().Distinct().ToArray());
        var volumes = Dropout3d(0.5).call(ones([1, 200, 1, 2, 1])).flatten(2).sum([2L]);
        CollectionAssert.AreEquivalent(new[] { 0f, 4f }, volumes.data<float>().Distinct().ToArray());
        CollectionAssert.AreEqual(new long[] { 2, 3, 2, 5 }, Unflatten(1, [3, -1]).call(ones(2, 6, 5)).shape);
        CollectionAssert.AreEqual(new long[] { 2, 6, 5, 1 }, Unflatten(2, [5, 1]).call(ones(2, 6, 5)).shape);
    }

    private static double Normal(List<double> values, double value)
    {
        var mean = values.Average();
        return (value - mean) / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-3);
    }

    // x + x³/3 + x⁵/(3·5) + …
    private static double OddSeries(double x)
    {
        var (term, sum) = (x, x);
        for (var i = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum); i += 2) sum += term *= x * x / i;
        return sum;
    }
}
