using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Torch.Tests;

[TestClass]
public sealed class TensorTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    public void Elements_come_back_as_they_went_in()
    {
        CollectionAssert.AreEqual(new[] { 1.5f, -2f, 3f }, tensor(new[] { 1.5f, -2f, 3f }).data<float>().ToArray());
        CollectionAssert.AreEqual(new[] { 1L, long.MinValue }, tensor(new[] { 1L, long.MinValue }).data<long>().ToArray());
        CollectionAssert.AreEqual(new byte[] { 0, 255 }, tensor(new byte[] { 0, 255 }).data<byte>().ToArray());
        CollectionAssert.AreEqual(new[] { true, false }, tensor(new[] { true, false }).data<bool>().ToArray());
        CollectionAssert.AreEqual(new[] { 1.0, 2.0 }, tensor(new List<double> { 1, 2 }).data<double>().ToArray());
        Assert.AreEqual(ScalarType.Int64, tensor(3L).dtype);
        Assert.AreEqual(ScalarType.Float16, tensor(new[] { 1f }, dtype: float16).dtype);
        Assert.AreEqual((Half)1.5f, tensor(new[] { 1.5f }, dtype: float16).item<Half>());

        var matrix = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        CollectionAssert.AreEqual(new long[] { 2, 3 }, matrix.shape);
        Assert.AreEqual(6f, matrix[1, 2].item<float>());
        var volume = tensor(Enumerable.Range(0, 24).Select(i => (long)i).ToArray(), [2, 3, 4]);
        Assert.AreEqual(23, volume[1, 2, 3].ToInt64());
        Assert.ThrowsExactly<ArgumentException>(() => tensor(new float[5], [2, 3]));
        Assert.ThrowsExactly<ArgumentException>(() => matrix.data<double>());
    }

    [TestMethod]
    public void Arrays_are_copied_but_frombuffer_shares_them()
    {
        var array = new float[] { 1, 2, 3, 4 };
        var copy = tensor(array);
        var shared = frombuffer(array, float32, count: 2, offset: 1);
        array[1] = 7;
        Assert.AreEqual(2f, copy[1].item<float>());
        Assert.AreEqual(7f, shared[0].item<float>());
        shared.fill_(9);
        CollectionAssert.AreEqual(new float[] { 1, 9, 9, 4 }, array);
    }

    [TestMethod]
    public void Bytes_are_the_elements_in_place()
    {
        var values = zeros(2, 2);
        MemoryMarshal.Cast<byte, float>(values.bytes)[3] = 5;
        Assert.AreEqual(5f, values[1, 1].item<float>());
        values.bytes = MemoryMarshal.AsBytes(new float[] { 1, 2, 3, 4 }.AsSpan());
        Assert.AreEqual(10f, values.sum().item<float>());
        Assert.ThrowsExactly<InvalidOperationException>(() => _ = values.t().bytes.Length);
        Assert.AreEqual(0, empty(0, 3).bytes.Length);
    }

    [TestMethod]
    public void Accessor_follows_strides()
    {
        var transposed = arange(6).reshape(2, 3).t();
        var data = transposed.data<long>();
        Assert.AreEqual(6, data.Count);
        CollectionAssert.AreEqual(new long[] { 0, 3, 1, 4, 2, 5 }, data.ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 3, 1, 4, 2, 5 }, data.ToList());
        Assert.AreEqual(5, data[2, 1]);
        data[0, 1] = 30;
        Assert.AreEqual(30, transposed[0, 1].ToInt64());
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => _ = data[0, 2]);
    }

    [TestMethod]
    public void Indexing_gives_views_and_writes_through_them()
    {
        var values = arange(24).reshape(2, 3, 4);
        CollectionAssert.AreEqual(new long[] { 20, 21, 22, 23 }, values[1, 2].data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 5, 7 }, values[0, 1, TensorIndex.Slice(1, null, 2)].data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 3, 7, 11 }, values[0, TensorIndex.Colon, -1].data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 2, 3 }, values[TensorIndex.Ellipsis, 0].shape);
        CollectionAssert.AreEqual(new long[] { 2, 1, 3, 4 }, values[TensorIndex.Colon, TensorIndex.None].shape);
        CollectionAssert.AreEqual(new long[] { 2, 2, 4 }, values[TensorIndex.Colon, 1..].shape);
        CollectionAssert.AreEqual(new long[] { 23, 0 }, values[tensor([1L, 0L]), tensor([2L, 0L]), tensor([3L, 0L])].data<long>().ToArray());
        values[0, 0] = tensor(-1L);
        Assert.AreEqual(-4, values[0, 0].sum().ToInt64());
        values[TensorIndex.Colon, 1] = zeros(2, 4, int64);
        Assert.AreEqual(0, values.select(1, 1).sum().ToInt64());
        Assert.ThrowsExactly<ExternalException>(() => values[2, 0]);
    }

    [TestMethod]
    public void Arithmetic_and_operators()
    {
        var a = tensor(new double[] { 1, 2, 4 });
        var b = tensor(new double[] { 8, 4, 2 });
        AssertEqual([9, 6, 6], a + b);
        AssertEqual([-7, -2, 2], a - b);
        AssertEqual([8, 8, 8], a * b);
        AssertEqual([8, 2, 0.5], b / a);
        AssertEqual([3, 4, 6], a + 2);
        AssertEqual([1, 0, -2], 2 - a);
        AssertEqual([2, 1, 0.5], 2 / a);
        AssertEqual([-1, -2, -4], -a);
        AssertEqual([17, 10, 8], a.add(b, alpha: 2));
        AssertEqual([1, 4, 16], a.pow(2));
        AssertEqual([2, 2, 3], a.clamp(2, 3));
        AssertEqual([4, 1, 0], b.div(a.add(1), RoundingMode.floor));
        Assert.AreSame(a, a.mul_(10));
        AssertEqual([10, 20, 40], a);
        CollectionAssert.AreEqual(new[] { true, false, false }, (a < 20).data<bool>().ToArray());
        CollectionAssert.AreEqual(new[] { false, true, false }, (a == 20).data<bool>().ToArray());
        Assert.IsTrue(a.Equals(tensor(new double[] { 10, 20, 40 })));
        Assert.IsTrue(allclose(a, a + 1e-9));
        using var zeroed = a.zero_();
        AssertEqual([0, 0, 0], a);
    }

    [TestMethod]
    public void Reductions_and_orders()
    {
        var values = tensor(new double[,] { { 1, 5, 3 }, { 2, 2, 8 } });
        Assert.AreEqual(21, values.sum().item<double>());
        // A plain 0 would be taken for an element type.
        AssertEqual([3, 7, 11], values.sum(0L));
        AssertEqual([9, 12], values.sum([1L]));
        AssertEqual([3, 4], values.mean([1]));
        Assert.AreEqual(8.0 / 3, values.var(1, unbiased: false)[0].item<double>(), 1e-12);
        Assert.AreEqual(Math.Sqrt(12), values.std(1)[1].item<double>(), 1e-12);
        Assert.AreEqual(Math.Sqrt(107), values.norm().item<double>(), 1e-12);
        var (top, where) = values.topk(2, 1);
        AssertEqual([5, 3, 8, 2], top);
        CollectionAssert.AreEqual(new long[] { 1, 2, 2, 0 }, where.data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 2 }, values.argmax(1).data<long>().ToArray());
        var (largest, _) = values.max(0);
        AssertEqual([2, 5, 8], largest);
        AssertEqual([3, 5, 1], values[0].flip(0).index_select(0, tensor([0L, 1L, 2L])));
        AssertEqual([1, 3, 5], values[0].sort().Values);
    }

    [TestMethod]
    public void Conversions_copy_only_where_they_must()
    {
        var values = ones(3);
        var same = values.to(float32);
        same.fill_(2);
        Assert.AreEqual(2f, values[0].item<float>());
        var copy = values.to(float32, copy: true).fill_(5);
        Assert.AreEqual(2f, values[0].item<float>());
        Assert.AreEqual(ScalarType.Float64, copy.to(float64, disposeAfter: true).dtype);
        Assert.IsTrue(copy.IsInvalid);
        Assert.AreEqual(DeviceType.CPU, values.cpu().device_type);
        Assert.AreEqual("cpu", values.device.ToString());
        Assert.AreEqual("cuda:1", new Device("cuda:1").ToString());
        if (!cuda.is_available()) Assert.Throws<Exception>(() => values.cuda());
    }

    [TestMethod]
    public void Errors_carry_torchs_message()
    {
        var error = Assert.ThrowsExactly<ExternalException>(() => zeros(2, 3).mm(zeros(4, 5)));
        StringAssert.StartsWith(error.Message, "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
        StringAssert.Contains(Assert.ThrowsExactly<ExternalException>(() => zeros(2).reshape(3)).Message, "shape '[3]' is invalid");
        StringAssert.Contains(Assert.ThrowsExactly<ExternalException>(() => zeros(2).size(1)).Message, "Dimension out of range");
        var disposed = zeros(1);
        disposed.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => disposed.add(1));
    }

    [TestMethod]
    public void Description_names_shape_type_and_device()
    {
        Assert.AreEqual("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
        Assert.AreEqual("[], type = Int64, device = cpu", tensor(1L).ToString());
    }

    [TestMethod]
    public void Joining_and_splitting()
    {
        var a = tensor(new double[] { 1, 2 });
        AssertEqual([1, 2, 1, 2], cat([a, a]));
        CollectionAssert.AreEqual(new long[] { 2, 2 }, stack(new List<Tensor> { a, a }).shape);
        AssertEqual([1, 3], where(a > 1, tensor(3.0), a));
        Assert.AreEqual(2, arange(5).split(3).Length);
        AssertEqual([1], a.unbind()[0].reshape(1));
    }

    private static void AssertEqual(double[] expected, Tensor actual) =>
        CollectionAssert.AreEqual(expected, actual.data<double>().ToArray(), $"got {string.Join(", ", actual.data<double>())}");
}
