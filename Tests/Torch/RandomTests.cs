using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Torch.Tests;

[TestClass]
[DoNotParallelize]
public sealed class RandomTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    /// <summary>
    /// The numbers are those of PyTorch in Python: torch.manual_seed(42), then randn(4), rand(3, dtype=float64), randint(0, 100, (5,)),
    /// randperm(6); and torch.manual_seed(7), torch.nn.init.kaiming_uniform_(torch.empty(2, 3), a=5**.5).
    /// </summary>
    [TestMethod]
    public void Sequence_of_a_seed_is_PyTorchs()
    {
        manual_seed(42);
        AssertClose([0.33669036626815796, 0.12880940735340118, 0.23446236550807953, 0.23033303022384644], randn(4));
        AssertClose([0.5261718968547618, 0.47678475378747964, 0.9552357002491416], rand(3, float64));
        CollectionAssert.AreEqual(new long[] { 31, 72, 15, 95, 67 }, randint(100, new long[] { 5 }).data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 4, 5, 2, 0, 1, 3 }, randperm(6).data<long>().ToArray());
        manual_seed(7);
        AssertClose(
            [0.04032507538795471, -0.3477921187877655, 0.18384182453155518, 0.1811612844467163, -0.3085803687572479, -0.0865316316485405],
            nn.init.kaiming_uniform_(empty(2, 3), Math.Sqrt(5)).flatten());
    }

    [TestMethod]
    public void State_can_be_put_back()
    {
        manual_seed(1);
        var state = get_rng_state();
        var first = randn(5);
        set_rng_state(state);
        Assert.IsTrue(first.Equals(randn(5)));
        Assert.AreEqual(1, initial_seed());
    }

    [TestMethod]
    public void Generators_are_independent()
    {
        using var generator = new Generator(5);
        var first = rand(4, generator: generator);
        var global = get_rng_state();
        Assert.IsTrue(rand(4, generator: generator.manual_seed(5)).Equals(first));
        Assert.IsTrue(empty(4).uniform_(0, 1, generator.manual_seed(5)).Equals(first));
        Assert.AreEqual(5, generator.initial_seed());
        Assert.IsTrue(global.Equals(get_rng_state()));
        var state = generator.get_state();
        var next = randperm(10, generator: generator);
        generator.set_state(state);
        Assert.IsTrue(next.Equals(randperm(10, generator: generator)));
    }

    [TestMethod]
    public void Threads_are_those_asked_for()
    {
        var before = get_num_threads();
        Assert.IsGreaterThanOrEqualTo(1, before);
        set_num_threads(1);
        Assert.AreEqual(1, get_num_threads());
        set_num_threads(before);
        Assert.AreEqual(cuda.is_available(), cuda.device_count() > 0);
    }

    private static void AssertClose(double[] expected, Tensor actual)
    {
        var values = actual.to(float64).data<double>().ToArray();
        Assert.HasCount(expected.Length, values);
        for (var i = 0; i < values.Length; i++) Assert.AreEqual(expected[i], values[i], 1e-6);
    }
}
