using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace AlexNetMl.Torch.Tests;

[TestClass]
[DoNotParallelize]
public sealed class AutogradTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    public void Gradients_equal_numerical_ones()
    {
        manual_seed(3);
        var x = randn(4, float64);
        x.requires_grad = true;
        static Tensor F(Tensor x) => (x.exp() * x.tanh() + x.pow(3) / 2).sum();
        F(x).backward();
        for (var i = 0; i < 4; i++) {
            using var step = zeros(4, float64);
            step[i] = tensor(1e-6);
            using (no_grad()) {
                var numerical = (F(x + step) - F(x - step)).item<double>() / 2e-6;
                Assert.AreEqual(numerical, x.grad![i].item<double>(), 1e-6);
            }
        }
    }

    [TestMethod]
    public void Gradients_accumulate_and_can_be_cleared()
    {
        var x = ones(2).requires_grad_();
        Assert.IsNull(x.grad);
        x.sum().backward();
        (x * 2).sum().backward();
        Assert.AreEqual(3f, x.grad![0].item<float>());
        x.grad = null;
        Assert.IsNull(x.grad);
        x.grad = ones(2);
        Assert.AreEqual(1f, x.grad![1].item<float>());
    }

    [TestMethod]
    public void Nothing_is_recorded_inside_no_grad()
    {
        var x = ones(1).requires_grad_();
        using (no_grad()) {
            Assert.IsFalse(is_grad_enabled());
            using (enable_grad()) Assert.IsTrue(is_grad_enabled());
            Assert.IsFalse((x * 2).requires_grad);
        }
        Assert.IsTrue(is_grad_enabled());
        Assert.IsTrue((x * 2).requires_grad);
        Assert.IsTrue(x.is_leaf);
        Assert.IsFalse((x * 2).is_leaf);
        using (inference_mode()) Assert.IsFalse((x * 2).requires_grad);
    }

    [TestMethod]
    public void Grad_of_chosen_inputs_and_second_derivatives()
    {
        var x = tensor(3.0).requires_grad_();
        var unused = tensor(1.0).requires_grad_();
        var first = grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.AreEqual(27, first.item<double>());
        Assert.AreEqual(18, grad([first], [x])[0].item<double>());
        Assert.IsTrue(grad([x * 2], [x, unused], allow_unused: true)[1].IsInvalid);
    }

    [TestMethod]
    public void Grad_of_an_input_that_was_not_used_is_an_error()
    {
        LocalTorch.Require("The package lets torch's error end the process.");
        var x = tensor(3.0).requires_grad_();
        var unused = tensor(1.0).requires_grad_();
        Assert.ThrowsExactly<ExternalException>(() => grad([x * 2], [unused]));
    }

    [TestMethod]
    public void Second_backward_needs_a_retained_graph()
    {
        var x = tensor(2.0).requires_grad_();
        var y = x * x;
        y.backward(retain_graph: true);
        y.backward();
        Assert.AreEqual(8, x.grad!.item<double>());
        StringAssert.Contains(Assert.ThrowsExactly<ExternalException>(() => y.backward()).Message, "second time");
    }

    [TestMethod]
    public void Custom_function_has_its_own_gradient()
    {
        var x = tensor(new double[] { 1, 2, 3 }).requires_grad_();
        var y = ScaledSquare.apply(x, 5.0);
        CollectionAssert.AreEqual(new double[] { 5, 20, 45 }, y.data<double>().ToArray());
        (y * tensor(new double[] { 1, 10, 100 })).sum().backward();
        CollectionAssert.AreEqual(new double[] { 10, 200, 3000 }, x.grad!.data<double>().ToArray());
        // Without gradients it is only its forward.
        Assert.IsFalse(ScaledSquare.apply(x.detach(), 1.0).requires_grad);
        using (no_grad()) Assert.IsFalse(ScaledSquare.apply(x, 1.0).requires_grad);
    }

    [TestMethod]
    public void Custom_function_of_several_tensors()
    {
        var a = tensor(new double[] { 1, 2 }).requires_grad_();
        var b = tensor(new double[] { 3, 4 }).requires_grad_();
        var results = SumAndProduct.apply(a, b);
        // Only the product is used: the gradient of the sum comes as zeros.
        results[1].sum().backward();
        CollectionAssert.AreEqual(new double[] { 3, 4 }, a.grad!.data<double>().ToArray());
        CollectionAssert.AreEqual(new double[] { 1, 2 }, b.grad!.data<double>().ToArray());
    }

    [TestMethod]
    public void Custom_function_may_keep_its_own_result()
    {
        var x = tensor(new[] { 0.5 }).requires_grad_();
        Exponential.apply(x).sum().backward();
        Assert.AreEqual(Math.Exp(0.5), x.grad!.item<double>(), 1e-12);
    }

    [TestMethod]
    public void Exceptions_of_callbacks_reach_the_caller_as_they_are()
    {
        LocalTorch.Require("In the package they end the process.");
        var x = ones(1).requires_grad_();
        var y = Failing.apply(x, false);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => y.backward());
        Assert.AreEqual("thrown in backward", error.Message);
        StringAssert.Contains(error.StackTrace, nameof(Failing));
        Assert.AreEqual("thrown in forward", Assert.ThrowsExactly<InvalidDataException>(() => Failing.apply(x, true)).Message);
        StringAssert.Contains(
            Assert.ThrowsExactly<NotImplementedException>(() => TooFew.apply(x, x).backward()).Message, "incorrect number of gradients");
        // The library is as usable as before.
        (x * 3).backward();
        Assert.AreEqual(3f, x.grad!.item<float>());
    }

    [TestMethod]
    public void Saved_tensors_go_with_the_graph()
    {
        LocalTorch.Require("The package keeps them until its context is collected.");
        var x = ones(1).requires_grad_();
        var y = ScaledSquare.apply(x, 2.0);
        y.backward();
        StringAssert.Contains(Assert.ThrowsExactly<ExternalException>(() => y.backward()).Message, "second time");
    }

    [TestMethod]
    public void Functions_are_collected_with_their_graph()
    {
        var reference = Run();
        LocalTorch.Collect();
        Assert.IsFalse(reference.IsAlive, "The context of the function is still alive.");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Run()
        {
            using var scope = NewDisposeScope();
            var x = ones(1).requires_grad_();
            var marker = new object();
            Marked.apply(x, marker).backward();
            return new WeakReference(marker);
        }
    }

    private sealed class ScaledSquare : SingleTensorFunction<ScaledSquare>
    {
        public override string Name => nameof(ScaledSquare);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            Assert.IsFalse(is_grad_enabled());
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data("scale", vars[1]);
            return x * x * (double)vars[1];
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var x = ctx.get_saved_variables()[0];
            return [grad_output * x * (2 * (double)ctx.get_data("scale")), null!];
        }
    }

    private sealed class SumAndProduct : MultiTensorFunction<SumAndProduct>
    {
        public override string Name => nameof(SumAndProduct);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([a, b]);
            return [a + b, a * b];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            Assert.IsFalse(grad_outputs[0].IsInvalid);
            return [grad_outputs[0] + (grad_outputs[1] * saved[1]), grad_outputs[0] + (grad_outputs[1] * saved[0])];
        }
    }

    private sealed class Exponential : SingleTensorFunction<Exponential>
    {
        public override string Name => nameof(Exponential);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var result = ((Tensor)vars[0]).exp();
            ctx.save_for_backward([result]);
            return result;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output * ctx.get_saved_variables()[0]];
    }

    private sealed class Failing : SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(AutogradContext ctx, params object[] vars) =>
            (bool)vars[1] ? throw new InvalidDataException("thrown in forward") : ((Tensor)vars[0]).clone();

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => throw new InvalidDataException("thrown in backward");
    }

    private sealed class TooFew : SingleTensorFunction<TooFew>
    {
        public override string Name => nameof(TooFew);

        public override Tensor forward(AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).clone();

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    private sealed class Marked : SingleTensorFunction<Marked>
    {
        public override string Name => nameof(Marked);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("marker", vars[1]);
            return ((Tensor)vars[0]).clone();
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output, null!];
    }
}
