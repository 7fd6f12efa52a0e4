using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Torch.Tests;

/// <summary>Layers against plain loops in double precision.</summary>
[TestClass]
public sealed class LayerTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestInitialize]
    public void Seed() => manual_seed(11);

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    [DataRow(1, 1, 0, 1)]
    [DataRow(2, 2, 1, 1)]
    [DataRow(2, 1, 2, 2)]
    public void Convolution(int groups, int stride, int padding, int dilation)
    {
        var (channels, filters, kernel, side) = (4, 6, 3, 9);
        using var layer = Conv2d(channels, filters, kernel, stride, padding, dilation, groups: groups).to(float64);
        var input = randn(2, channels, side, side, float64);
        var output = layer.call(input);
        var size = ((side + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1;
        CollectionAssert.AreEqual(new long[] { 2, filters, size, size }, output.shape);
        var (x, w, b, y) = (input.data<double>(), layer.weight.data<double>(), layer.bias!.data<double>(), output.data<double>());
        var perGroup = channels / groups;
        for (var n = 0; n < 2; n++)
        for (var f = 0; f < filters; f++)
        for (var row = 0; row < size; row++)
        for (var column = 0; column < size; column++) {
            var sum = b[f];
            for (var c = 0; c < perGroup; c++)
            for (var i = 0; i < kernel; i++)
            for (var j = 0; j < kernel; j++) {
                var (r, q) = ((row * stride) + (i * dilation) - padding, (column * stride) + (j * dilation) - padding);
                if (r < 0 || q < 0 || r >= side || q >= side) continue;
                sum += w[f, c, i, j] * x[n, (f / (filters / groups) * perGroup) + c, r, q];
            }
            Assert.AreEqual(sum, y[n, f, row, column], 1e-12);
        }
    }

    [TestMethod]
    public void Convolution_with_named_padding()
    {
        var input = randn(1, 2, 7, 7);
        using var same = Conv2d(2, 3, 3, Padding.Same);
        CollectionAssert.AreEqual(new long[] { 1, 3, 7, 7 }, same.call(input).shape);
        Assert.IsNull(same.padding);
        using var reflecting = Conv2d(2, 3, (3, 5), (1, 2), (1, 2), padding_mode: PaddingModes.Reflect);
        CollectionAssert.AreEqual(new long[] { 1, 3, 7, 4 }, reflecting.call(input).shape);
        CollectionAssert.AreEqual(new long[] { 3, 5 }, reflecting.kernel_size);
        Assert.ThrowsExactly<ArgumentException>(() => same.call(randn(1, 3, 7, 7)));
        Assert.ThrowsExactly<ArgumentException>(() => Conv2d(1, 1, 3, Padding.Same, stride: 2));
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(4)]
    public void Local_response_norm(int size)
    {
        var (alpha, beta, k) = (0.5, 0.75, 2.0);
        var input = randn(2, 7, 3, 4, float64);
        var output = functional.local_response_norm(input, size, alpha, beta, k);
        var (x, y) = (input.data<double>(), output.data<double>());
        for (var n = 0; n < 2; n++)
        for (var c = 0; c < 7; c++)
        for (var i = 0; i < 12; i++) {
            var sum = 0.0;
            for (var other = Math.Max(0, c - (size / 2)); other <= Math.Min(6, c + ((size - 1) / 2)); other++) {
                sum += Math.Pow(x[n, other, i / 4, i % 4], 2);
            }
            Assert.AreEqual(x[n, c, i / 4, i % 4] / Math.Pow(k + (alpha * sum / size), beta), y[n, c, i / 4, i % 4], 1e-12);
        }
        Assert.IsTrue(functional.local_response_norm(input.flatten(2), size, alpha, beta, k).allclose(output.flatten(2)));
        Assert.ThrowsExactly<ArgumentException>(() => functional.local_response_norm(randn(2, 3), 5));
    }

    [TestMethod]
    public void Pooling()
    {
        var input = randn(1, 2, 7, 7, float64);
        using var max = MaxPool2d(3, 2);
        var (x, y) = (input.data<double>(), max.call(input).data<double>());
        var average = functional.avg_pool2d(input, (3, 3), (2, 2)).data<double>();
        for (var c = 0; c < 2; c++)
        for (var row = 0; row < 3; row++)
        for (var column = 0; column < 3; column++) {
            var window = from i in Enumerable.Range(0, 9) select x[0, c, (row * 2) + (i / 3), (column * 2) + (i % 3)];
            Assert.AreEqual(window.Max(), y[0, c, row, column]);
            Assert.AreEqual(window.Average(), average[0, c, row, column], 1e-12);
        }
        CollectionAssert.AreEqual(new long[] { 1, 2, 4, 4 }, MaxPool2d(3, 2, ceil_mode: true, padding: 1).call(input).shape);
        CollectionAssert.AreEqual(new long[] { 1, 2, 2, 3 }, AdaptiveAvgPool2d((2, 3)).call(input).shape);
        Assert.AreEqual(input[0, 1].mean().item<double>(), AdaptiveAvgPool2d(1).call(input)[0, 1].item<double>(), 1e-12);
        Assert.IsNull(MaxPool2d([2L, 2L]).stride);
        CollectionAssert.AreEqual(new long[] { 1, 2, 3, 3 }, MaxPool2d([2L, 2L]).call(input).shape);
    }

    [TestMethod]
    public void Linear_and_activations()
    {
        using var layer = Linear(3, 2).to(float64);
        var input = randn(4, 3, float64);
        Assert.IsTrue(layer.call(input).allclose(input.matmul(layer.weight.t()) + layer.bias!));
        Assert.IsNull(Linear(3, 2, hasBias: false).bias);
        Assert.IsTrue(ReLU().call(input).Equals(input.clamp_min(0)));
        Assert.IsTrue(Softmax(1).call(input).allclose(input.exp() / input.exp().sum([1L], keepdim: true)));
        Assert.IsTrue(LogSoftmax(1).call(input).exp().allclose(Softmax(1).call(input)));
        Assert.AreEqual(1 / (1 + Math.Exp(-input[0, 0].item<double>())), Sigmoid().call(input)[0, 0].item<double>(), 1e-12);
        var inPlace = input.clone();
        Assert.IsTrue(ReLU(inplace: true).call(inPlace).Equals(inPlace));
        Assert.IsFalse(inPlace.Equals(input));
    }

    [TestMethod]
    public void Cross_entropy()
    {
        var logits = randn(5, 4, float64);
        long[] labels = [3, 0, 2, 2, 1];
        var log = logits.log_softmax(1).data<double>();
        var plain = labels.Select((label, row) => -log[row, label]).ToArray();
        var target = tensor(labels);
        Assert.AreEqual(plain.Average(), functional.cross_entropy(logits, target).item<double>(), 1e-12);
        Assert.AreEqual(plain.Sum(), CrossEntropyLoss(reduction: Reduction.Sum).call(logits, target).item<double>(), 1e-12);
        Assert.AreEqual(plain.Average(), functional.nll_loss(logits.log_softmax(1), target).item<double>(), 1e-12);
        var smooth = labels.Select((label, row) => -(0.9 * log[row, label]) - (0.1 * Enumerable.Range(0, 4).Average(c => log[row, c])));
        Assert.AreEqual(smooth.Average(), functional.cross_entropy(logits, target, label_smoothing: 0.1).item<double>(), 1e-12);
        Assert.AreEqual(
            plain.Where((_, row) => labels[row] != 2).Average(), functional.cross_entropy(logits, target, ignore_index: 2).item<double>(), 1e-12);
    }

    [TestMethod]
    public void Dropout_scales_what_it_keeps()
    {
        using var layer = Dropout(0.25);
        var output = layer.call(ones(100_000));
        Assert.AreEqual(1.0, output.mean().item<float>(), 0.02);
        CollectionAssert.AreEquivalent(new[] { 0f, 1 / 0.75f }, output.data<float>().Distinct().ToArray());
        layer.eval();
        Assert.IsTrue(layer.call(ones(10)).Equals(ones(10)));
        var channels = Dropout2d(0.5).call(ones(1, 200, 3, 3)).sum([2L, 3L]);
        CollectionAssert.AreEquivalent(new[] { 0f, 18f }, channels.data<float>().Distinct().ToArray());
    }

    [TestMethod]
    public void Batch_norm_of_a_batch_and_of_its_history()
    {
        using var layer = BatchNorm2d(2, momentum: 0.5).to(float64);
        var input = randn(3, 2, 4, 4, float64) * 2 + 5;
        var channel = input.select(1, 1);
        var expected = (channel - channel.mean()) / ((channel - channel.mean()).square().mean() + 1e-5).sqrt();
        Assert.IsTrue(layer.call(input).select(1, 1).allclose(expected));
        Assert.AreEqual(0.5 * channel.mean().item<double>(), layer.running_mean![1].item<double>(), 1e-9);
        Assert.AreEqual(0.5 + (0.5 * channel.var().item<double>()), layer.running_var![1].item<double>(), 1e-9);
        layer.eval();
        var fromHistory = (channel - layer.running_mean[1]) / (layer.running_var[1] + 1e-5).sqrt();
        Assert.IsTrue(layer.call(input).select(1, 1).allclose(fromHistory));
        Assert.ThrowsExactly<ArgumentException>(() => layer.call(randn(3, 2, float64)));
    }

    [TestMethod]
    public void Padding_goes_from_the_last_dimension_on()
    {
        var input = ones(1, 1, 2, 2);
        CollectionAssert.AreEqual(new long[] { 1, 1, 9, 5 }, ZeroPad2d((1, 2, 3, 4)).call(input).shape);
        Assert.AreEqual(4f, ZeroPad2d(2).call(input).sum().item<float>());
        Assert.AreEqual(7f, functional.pad(input, (1, 0), value: 1.5).sum().item<float>());
    }

    [TestMethod]
    public void Initial_values()
    {
        var weight = empty(64, 32, 3, 3);
        nn.init.kaiming_normal_(weight, nonlinearity: init.NonlinearityType.ReLU);
        Assert.AreEqual(Math.Sqrt(2.0 / (32 * 9)), weight.std().item<float>(), 1e-3);
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        Assert.AreEqual(1 / Math.Sqrt(32 * 9), weight.abs().max().item<float>(), 1e-4);
        nn.init.xavier_uniform_(weight);
        Assert.AreEqual(Math.Sqrt(6.0 / ((32 + 64) * 9)), weight.abs().max().item<float>(), 1e-4);
        Assert.AreSame(weight, nn.init.constant_(weight, 0.1));
        Assert.AreEqual(0.1f, weight[3, 2, 1, 0].item<float>());
        Assert.AreEqual((32 * 9L, 64 * 9L), nn.init.CalculateFanInAndFanOut(weight));
        // Also of a leaf that wants gradients.
        nn.init.normal_(Parameter(zeros(3)), 0, 0.01);
    }
}
