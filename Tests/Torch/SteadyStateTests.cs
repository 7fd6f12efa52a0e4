using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Torch.Tests;

/// <summary>A training loop holds what it holds: neither tensors nor memory grow with the steps.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SteadyStateTests
{
    private readonly int _threads = get_num_threads();

    [TestCleanup]
    public void Cleanup() => set_num_threads(_threads);

    [TestMethod]
    public void Thousand_training_steps_leave_tensors_and_memory_as_they_were()
    {
        var before = LocalTorch.CountTensors();
        manual_seed(1);
        set_num_threads(1);
        using (var network = new SmallNetwork())
        using (var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4)) {
            Step(network, optimizer);
            var tensors = Tensor.TotalCount;
            for (var i = 0; i < 200; i++) Step(network, optimizer);
            var memory = ResidentBytes();
            for (var i = 0; i < 1000; i++) {
                Step(network, optimizer);
                Assert.AreEqual(tensors, Tensor.TotalCount, $"after step {i}");
            }
            // One step's tensors are 1 MB: were any of them kept, hundreds of MB would show.
            var growth = (ResidentBytes() - memory) / 1e6;
            Assert.IsLessThan(40.0, growth, "Megabytes grown in 1,000 steps.");
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static void Step(SmallNetwork network, SGD optimizer)
    {
        using var scope = NewDisposeScope();
        using var images = randn(8, 3, 12, 12);
        var labels = randint(10, new long[] { 8 });
        optimizer.zero_grad();
        var loss = functional.cross_entropy(network.call(images), labels);
        loss.backward();
        optimizer.step();
    }

    private static long ResidentBytes()
    {
        LocalTorch.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class SmallNetwork : Sequential
    {
        public SmallNetwork() : base(
            ("conv", Conv2d(3, 16, 5, padding: 2, groups: 1)), ("relu", ReLU(inplace: true)), ("norm", LocalResponseNorm(5)),
            ("own", new Doubling()), ("pool", MaxPool2d(3, 2)), ("flat", Flatten()), ("drop", Dropout()), ("out", Linear(16 * 5 * 5, 10)))
        {
        }
    }

    private sealed class Doubling : Module<Tensor, Tensor>
    {
        public Doubling() : base(nameof(Doubling))
        {
        }

        public override Tensor forward(Tensor input) => Function.apply(input);

        private sealed class Function : autograd.SingleTensorFunction<Function>
        {
            public override string Name => nameof(Doubling);

            public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
            {
                var input = (Tensor)vars[0];
                ctx.save_for_backward([input]);
                return input * 2;
            }

            public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
            {
                using var saved = ctx.get_saved_variables()[0];
                using (grad_output) return [grad_output * 2];
            }
        }
    }
}
