using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Torch.Tests;

[TestClass]
[DoNotParallelize]
public sealed class ModuleTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    public void Components_are_found_under_their_names()
    {
        using var model = new Composite();
        CollectionAssert.AreEqual(
            new[] { "scale", "first.weight", "first.bias", "rest.0.weight", "rest.0.bias", "rest.norm.weight", "rest.norm.bias" },
            model.named_parameters().Select(pair => pair.name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "offset", "rest.norm.running_mean", "rest.norm.running_var", "rest.norm.num_batches_tracked" },
            model.named_buffers().Select(pair => pair.name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "first", "rest", "rest.0", "rest.norm" }, model.named_modules().Select(pair => pair.name).ToArray());
        CollectionAssert.AreEqual(new[] { "scale" }, model.named_parameters(recurse: false).Select(pair => pair.name).ToArray());
        Assert.AreEqual(11, model.state_dict().Count);
        Assert.AreSame(model.First.weight, model.get_parameter("first.weight"));
        Assert.AreSame(model.get_parameter("rest.0.bias"), model.parameters().ElementAt(4));
        Assert.IsTrue(model.has_buffer("rest.norm.running_var"));
        Assert.IsNull(model.get_parameter("rest.7.bias"));
    }

    [TestMethod]
    public void State_is_copied_by_name()
    {
        using var source = new Composite();
        using var target = new Composite();
        using (no_grad()) source.First.bias!.fill_(0.25);
        var (missing, unexpected) = target.load_state_dict(source.state_dict());
        Assert.IsEmpty(missing);
        Assert.IsEmpty(unexpected);
        Assert.IsTrue(target.First.weight.Equals(source.First.weight));
        Assert.AreEqual(0.25f, target.First.bias![0].item<float>());

        var partial = new Dictionary<string, Tensor> { ["scale"] = ones(1) * 3, ["other"] = ones(1) };
        Assert.ThrowsExactly<InvalidOperationException>(() => target.load_state_dict(partial));
        (missing, unexpected) = target.load_state_dict(partial, strict: false);
        Assert.HasCount(10, missing);
        CollectionAssert.AreEqual(new[] { "other" }, unexpected.ToArray());
        Assert.AreEqual(3f, target.get_parameter("scale")!.item<float>());
    }

    [TestMethod]
    public void Training_mode_reaches_every_part()
    {
        using var model = new Composite();
        Assert.IsTrue(model.training);
        model.eval();
        Assert.IsFalse(model.modules().Any(module => module.training));
        model.train();
        Assert.IsTrue(model.modules().All(module => module.training));
        var visited = new List<string>();
        model.apply(module => visited.Add(module.GetType().Name));
        CollectionAssert.AreEqual(new[] { "Conv2d", "Conv2d", "BatchNorm2d", "Sequential", "Composite" }, visited);
    }

    [TestMethod]
    public void Gradients_can_be_removed_or_zeroed()
    {
        using var linear = Linear(2, 1);
        linear.call(ones(1, 2)).sum().backward();
        linear.zero_grad(set_to_none: false);
        Assert.AreEqual(0f, linear.weight.grad!.abs().sum().item<float>());
        linear.zero_grad();
        Assert.IsNull(linear.weight.grad);
    }

    [TestMethod]
    public void Hooks_see_and_change_what_goes_through()
    {
        using var identity = Identity();
        var order = new List<string>();
        var pre = identity.register_forward_pre_hook((_, input) => {
            order.Add("before");
            return input + 1;
        });
        identity.register_forward_hook((_, input, output) => {
            order.Add("after");
            return output * input;
        });
        identity.register_forward_hook((Module _) => order.Add("at the end"));
        Assert.AreEqual(9f, identity.call(ones(1) * 2).item<float>());
        CollectionAssert.AreEqual(new[] { "before", "after", "at the end" }, order);
        pre.remove();
        Assert.AreEqual(4f, identity.call(ones(1) * 2).item<float>());
        Assert.AreEqual(2f, identity.forward(ones(1) * 2).item<float>());
    }

    [TestMethod]
    public void Sequential_disposes_what_is_between_its_modules()
    {
        using var model = Sequential(("a", Linear(4, 4)), ("relu", ReLU()), ("b", Linear(4, 2)));
        using var input = randn(3, 4);
        using (no_grad()) {
            var before = LocalTorch.CountTensors();
            using var output = model.call(input);
            Assert.AreEqual(before + 1, Tensor.TotalCount);
            Assert.IsFalse(input.IsInvalid);
        }
        using var empty = Sequential();
        using var same = empty.call(input);
        Assert.AreNotSame(input, same);
        Assert.IsTrue(same.Equals(input));
    }

    [TestMethod]
    public void Sequential_can_be_indexed_and_extended()
    {
        using var model = Sequential(Linear(4, 4), ReLU(), Flatten()).append("last", Tanh());
        Assert.AreEqual(4, model.Count);
        Assert.IsInstanceOfType<ReLU>(model[1]);
        CollectionAssert.AreEqual(new[] { "1", "2" }, model[1..^1].named_children().Select(pair => pair.name).ToArray());
        Assert.AreEqual(2, model[(null, 2)].Count);
        CollectionAssert.AreEqual(
            new[] { "0", "1", "2", "last" }, model.named_children().Select(pair => pair.name).ToArray());
    }

    [TestMethod]
    public void Modules_can_change_their_type_of_numbers()
    {
        var before = LocalTorch.CountTensors();
        using (var model = new Composite()) {
            var count = Tensor.TotalCount;
            model.to(float64);
            Assert.AreEqual(count, Tensor.TotalCount);
            Assert.IsTrue(model.parameters().All(parameter => parameter.dtype == float64 && parameter.requires_grad && parameter.is_leaf));
            Assert.AreEqual(ScalarType.Float64, model.call(ones(2, 3, 2, 2, float64)).dtype);
            Assert.AreEqual(ScalarType.Int64, model.get_buffer("rest.norm.num_batches_tracked")!.dtype);
            Assert.ThrowsExactly<ArgumentException>(() => model.to(int64));
            _scope.DisposeEverything();
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Names_are_checked()
    {
        using var model = new Composite();
        Assert.ThrowsExactly<ArgumentException>(() => model.register_module("a.b", Linear(1, 1)));
        Assert.ThrowsExactly<InvalidOperationException>(() => model.register_module("first", Linear(1, 1)));
        Assert.ThrowsExactly<InvalidOperationException>(() => ReLU().register_parameter("p", new Parameter(ones(1))));
    }

    private sealed class Composite : Module<Tensor, Tensor>
    {
        private readonly Conv2d first = Conv2d(3, 2, 1);
        private readonly Sequential rest = Sequential(("0", Conv2d(2, 4, 1)), ("norm", BatchNorm2d(4)));
        private readonly Parameter scale = Parameter(ones(1));
        private readonly Tensor offset = zeros(1);

        public Composite() : base(nameof(Composite))
        {
            scale.DetachFromDisposeScope();
            offset.DetachFromDisposeScope();
            RegisterComponents();
        }

        public Conv2d First => first;

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (rest.call(first.call(input)) * scale + offset).MoveToOuterDisposeScope();
        }
    }
}
