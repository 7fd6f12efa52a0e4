using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class FusedLocalResponseNormTests
{
    private const double Tolerance = 1e-6;

    [TestMethod]
    [DataRow(2, 12, 13, 13, 5)]
    [DataRow(3, 7, 3, 3, 5)]           // one register and a bit
    [DataRow(1, 96, 55, 55, 5)]        // several tiles, and enough for several threads
    [DataRow(2, 3, 4, 5, 5)]           // a window wider than the channels
    [DataRow(2, 1, 9, 9, 5)]
    [DataRow(2, 10, 16, 17, 4)]        // an even window is longer to the left
    [DataRow(2, 10, 7, 37, 1)]
    [DataRow(1, 9, 16, 16, 30)]
    [DataRow(1, 5, 2, 2, 5)]           // below one register: torch's composite
    public void ForwardAndBackwardEqualFloat64(int n, int c, int h, int w, int size)
    {
        foreach (int threads in new[] { 1, 3 })
        {
            int before = get_num_threads();
            set_num_threads(threads);
            try
            {
                CompareWithFloat64(n, c, h * w, size, 5e-4, 2, new FusedLocalResponseNorm(size, 5e-4, 0.75, 2), n, c, h, w);
            }
            finally
            {
                set_num_threads(before);
            }
        }
    }

    [TestMethod]
    public void TinyAndHugeValuesKeepTheirPrecision()
    {
        using var layer = FusedLocalResponseNorm.Paper();
        foreach (double range in new[] { 1e-6, 1e4, 1e8 })
            CompareWithFloat64(2, 8, 25, 5, 5e-4, 2, layer, 2, 8, 5, 5, range);
    }

    /// <summary>y_c = x_c s_c^-¾ with s_c = k + α/n Σ x², and its derivative, both as loops.</summary>
    private static void CompareWithFloat64(int n, int c, int positions, int size, double alpha, double k, FusedLocalResponseNorm layer, long d0, long d1, long d2, long d3, double range = 128)
    {
        using var scope = NewDisposeScope();
        int count = n * c * positions;
        double[] x = Given.Uniform(count, range, 1), g = Given.Uniform(count, 1, 2);
        double[] y = new double[count], dx = new double[count];
        for (int image = 0; image < n; image++)
        for (int p = 0; p < positions; p++)
        {
            int At(int channel) => (image * c + channel) * positions + p;
            var s = new double[c];
            for (int i = 0; i < c; i++)
            {
                s[i] = k;
                for (int j = Math.Max(0, i - size / 2); j <= Math.Min(c - 1, i + (size - 1) / 2); j++)
                    s[i] += alpha / size * x[At(j)] * x[At(j)];
                y[At(i)] = x[At(i)] * Math.Pow(s[i], -0.75);
            }
            for (int i = 0; i < c; i++)
            {
                dx[At(i)] += g[At(i)] * Math.Pow(s[i], -0.75);
                for (int j = Math.Max(0, i - size / 2); j <= Math.Min(c - 1, i + (size - 1) / 2); j++)
                    dx[At(j)] += g[At(i)] * x[At(i)] * -0.75 * Math.Pow(s[i], -1.75) * 2 * alpha / size * x[At(j)];
            }
        }

        Tensor input = Given.Tensor(x, d0, d1, d2, d3).requires_grad_();
        Tensor output = layer.call(input);
        output.backward([Given.Tensor(g, d0, d1, d2, d3)]);
        Assert.IsLessThanOrEqualTo(Tolerance, Given.RelativeDifference(y, Given.Floats(output)), "forward");
        Assert.IsLessThanOrEqualTo(Tolerance, Given.RelativeDifference(dx, Given.Floats(input.grad!)), "backward");
    }

    [TestMethod]
    public void EqualsTorchsComposite()
    {
        using var scope = NewDisposeScope();
        foreach ((long size, double alpha, double k) in new[] { (5L, 1e-4, 1.0), (3L, 1.0, 0.5), (4L, 5e-4, 2.0) })
        {
            using var layer = new FusedLocalResponseNorm(size, alpha, 0.75, k);
            Tensor a = Given.Tensor(Given.Uniform(2 * 9 * 20, 3, 7), 2, 9, 20).requires_grad_();
            Tensor b = a.detach().clone().requires_grad_();
            Tensor fused = layer.call(a), composite = nn.functional.local_response_norm(b, size, alpha, 0.75, k);
            fused.pow(2).sum().backward();              // a sum's gradient arrives expanded, not contiguous
            composite.pow(2).sum().backward();
            Assert.IsLessThanOrEqualTo(2e-6, Given.RelativeDifference([.. Given.Floats(composite).Select(value => (double)value)], Given.Floats(fused)));
            Assert.IsLessThanOrEqualTo(2e-6, Given.RelativeDifference([.. Given.Floats(b.grad!).Select(value => (double)value)], Given.Floats(a.grad!)));
        }
    }

    [TestMethod]
    public void OtherTypesLayoutsAndExponentsGoThroughTorch()
    {
        using var scope = NewDisposeScope();
        using var layer = FusedLocalResponseNorm.Paper();
        Tensor input = randn(2, 8, 6, 6);
        Tensor expected = layer.call(input);
        Tensor doubles = layer.call(input.to(ScalarType.Float64));
        Assert.AreEqual(ScalarType.Float64, doubles.dtype);
        Assert.IsLessThan(1e-6, Given.RelativeDifference([.. Given.Floats(expected).Select(value => (double)value)], Given.Floats(doubles.to(ScalarType.Float32))));

        Tensor transposed = input.transpose(2, 3);
        Assert.IsFalse(transposed.is_contiguous());
        double[] fused = [.. Given.Floats(layer.call(transposed.contiguous())).Select(value => (double)value)];
        Assert.IsLessThan(1e-6, Given.RelativeDifference(fused, Given.Floats(layer.call(transposed))));

        using var squareRoot = new FusedLocalResponseNorm(5, 5e-4, 0.5, 2);
        CollectionAssert.AreEqual(Given.Floats(nn.functional.local_response_norm(input, 5, 5e-4, 0.5, 2)), Given.Floats(squareRoot.call(input)));
    }

    [TestMethod]
    public void NothingIsKeptWhereNoGradientIsAskedFor()
    {
        using var layer = FusedLocalResponseNorm.Paper();
        using Tensor input = randn([2, 8, 6, 6], requires_grad: true);
        long before = Given.TensorCount();
        using (no_grad())
        {
            using Tensor output = layer.call(input);
            Assert.IsFalse(output.requires_grad);
            Assert.AreEqual(before + 1, Tensor.TotalCount);
        }
        using (Tensor plain = randn(2, 8, 6, 6))
        using (Tensor output = layer.call(plain))
            Assert.IsFalse(output.requires_grad);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void EmptyBatchAndBadWindow()
    {
        using var layer = FusedLocalResponseNorm.Paper();
        using (Tensor none = zeros(0, 8, 6, 6))
        using (Tensor output = layer.call(none))
            CollectionAssert.AreEqual(new long[] { 0, 8, 6, 6 }, output.shape);
        Assert.Contains("0 channels", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new FusedLocalResponseNorm(0)).Message);
    }
}
