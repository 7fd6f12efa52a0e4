using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Torch.Tests;

[TestClass]
[DoNotParallelize]
public sealed class SgdTests
{
    [TestMethod]
    [DataRow(0.0, 0.0, 0.0, false, false)]
    [DataRow(0.9, 0.0, 0.0, false, false)]
    [DataRow(0.9, 0.1, 0.05, false, false)]
    [DataRow(0.9, 0.0, 0.05, true, false)]
    [DataRow(0.5, 0.0, 0.01, false, true)]
    public void Steps_equal_the_formula(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        const double rate = 0.1;
        double[] value = [1, -2, 3];
        double[]? buffer = null;
        using var parameter = new Parameter(tensor(value, dtype: float64));
        using var optimizer = optim.SGD([parameter], rate, momentum, dampening, decay, nesterov, maximize);
        for (var step = 0; step < 5; step++) {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            (parameter.pow(3) * (step + 1)).sum().backward();
            optimizer.step();

            var gradient = value.Select(v => (3 * v * v * (step + 1)) + (decay * v)).ToArray();
            if (momentum != 0) {
                // The buffer begins as the first gradient, without dampening.
                buffer = buffer is null ? gradient : buffer.Zip(gradient, (b, g) => (momentum * b) + ((1 - dampening) * g)).ToArray();
                gradient = nesterov ? gradient.Zip(buffer, (g, b) => g + (momentum * b)).ToArray() : buffer;
            }
            value = value.Zip(gradient, (v, g) => v + ((maximize ? rate : -rate) * g)).ToArray();
            var actual = parameter.data<double>().ToArray();
            for (var i = 0; i < value.Length; i++) Assert.AreEqual(1.0, actual[i] / value[i], 1e-12);
        }
    }

    [TestMethod]
    public void Rate_can_be_changed_between_steps_and_by_group()
    {
        using var first = new Parameter(zeros(1));
        using var second = new Parameter(zeros(1));
        using var optimizer = optim.SGD([new SGD.ParamGroup { Parameters = [first] }, new SGD.ParamGroup([second], lr: 0.5)], 0.1);
        CollectionAssert.AreEqual(new[] { 0.1, 0.5 }, optimizer.ParamGroups.Select(group => group.LearningRate).ToArray());
        foreach (var group in optimizer.ParamGroups) group.LearningRate *= 10;
        using (NewDisposeScope()) {
            (first + second).backward();
            optimizer.step();
        }
        Assert.AreEqual(-1f, first.item<float>());
        Assert.AreEqual(-5f, second.item<float>());
        Assert.ThrowsExactly<ArgumentException>(() => optim.SGD([first], -1));
        Assert.ThrowsExactly<ArgumentException>(() => optim.SGD([first], 0.1, nesterov: true));
    }

    [TestMethod]
    public void Closure_is_evaluated_with_gradients_on()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(1));
        using var optimizer = optim.SGD([parameter], 0.25);
        var loss = optimizer.step(() => {
            var value = parameter * parameter;
            value.backward();
            return value;
        });
        Assert.AreEqual(1f, loss.item<float>());
        Assert.AreEqual(0.5f, parameter.item<float>());
    }

    [TestMethod]
    public void Gradient_norm_is_clipped()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(zeros(2));
        parameter.grad = tensor(new float[] { 3, 4 });
        Assert.AreEqual(5, nn.utils.clip_grad_norm_([parameter], 1), 1e-6);
        Assert.AreEqual(0.6f, parameter.grad![0].item<float>(), 1e-5f);
        Assert.AreEqual(1, nn.utils.clip_grad_norm_([parameter], 2), 1e-5);
        nn.utils.clip_grad_value_([parameter], 0.5);
        Assert.AreEqual(0.5f, parameter.grad[1].item<float>());
    }
}
