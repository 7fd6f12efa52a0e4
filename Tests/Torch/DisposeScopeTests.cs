using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Torch.Tests;

[TestClass]
[DoNotParallelize]
public sealed class DisposeScopeTests
{
    [TestMethod]
    public void Scope_disposes_what_was_made_in_it()
    {
        var before = LocalTorch.CountTensors();
        Tensor kept, detached, inner;
        using (var outer = NewDisposeScope()) {
            using (var scope = NewDisposeScope()) {
                inner = zeros(1);
                kept = ones(2).add(1).MoveToOuterDisposeScope();
                detached = ones(3).DetachFromDisposeScope();
                Assert.AreEqual(2, scope.DisposablesCount);
                Assert.AreSame(scope, CurrentDisposeScope);
            }
            Assert.IsTrue(inner.IsInvalid);
            Assert.IsFalse(kept.IsInvalid);
            Assert.IsTrue(outer.Contains(kept));
            Assert.AreEqual(before + 2, Tensor.TotalCount);
        }
        Assert.IsTrue(kept.IsInvalid);
        Assert.IsFalse(detached.IsInvalid);
        detached.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.IsNull(CurrentDisposeScope);
    }

    [TestMethod]
    public void Disposing_twice_and_in_any_order_is_harmless()
    {
        var before = LocalTorch.CountTensors();
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        var value = zeros(1);
        value.Dispose();
        value.Dispose();
        outer.Dispose();
        Assert.AreSame(inner, CurrentDisposeScope);
        inner.Dispose();
        inner.Dispose();
        Assert.IsNull(CurrentDisposeScope);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Everything_but_some_can_be_disposed_early()
    {
        using var scope = NewDisposeScope();
        var a = zeros(1);
        var b = zeros(1);
        Assert.AreSame(b, scope.DisposeEverythingBut(b));
        Assert.IsTrue(a.IsInvalid);
        Assert.IsFalse(b.IsInvalid);
        Assert.AreEqual(1, scope.DisposablesCount);
    }

    [TestMethod]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? made = null;
        var thread = new Thread(() => made = zeros(1));
        thread.Start();
        thread.Join();
        Assert.IsFalse(scope.Contains(made!));
        made!.MoveToOtherDisposeScope(scope);
        Assert.IsTrue(scope.Contains(made));
    }

    [TestMethod]
    public void Parameter_takes_its_tensors_place()
    {
        var before = LocalTorch.CountTensors();
        using (var scope = NewDisposeScope()) {
            var data = zeros(2);
            var parameter = new Parameter(data);
            Assert.IsTrue(data.IsInvalid);
            Assert.IsTrue(scope.Contains(parameter));
            Assert.IsFalse(scope.Contains(data));
            Assert.IsTrue(parameter.requires_grad);
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Module_parameters_outlive_the_scope_they_were_made_in()
    {
        var before = LocalTorch.CountTensors();
        Linear linear;
        using (NewDisposeScope()) linear = nn.Linear(3, 2);
        Assert.IsFalse(linear.weight.IsInvalid);
        Assert.AreEqual(before + 2, Tensor.TotalCount);
        linear.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Forgotten_tensors_are_freed_by_the_collector()
    {
        var before = LocalTorch.CountTensors();
        Forget();
        Assert.AreEqual(before, LocalTorch.CountTensors());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        for (var i = 0; i < 100; i++) zeros(10);
    }
}
