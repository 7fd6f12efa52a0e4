using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class HandlerRegistryTests
{
    [TestMethod]
    public void A_users_module_is_exported_by_its_handler()
    {
        using var folder = new TestFolder();
        using Sequential network = nn.Sequential(
            ("twice", new Twice()), ("flatten", nn.Flatten()), ("fc", nn.Linear(27, 4)));
        OnnxHandlerRegistry handlers = OnnxHandlerRegistry.Default.With<Twice>((_, input, context) =>
            context.Result("Mul", [input.Name, context.Constant("two", [], new float[] { 2 })], input.RowShape));

        OnnxExportReport report = OnnxExporter.Export(
            network, folder.File("model.onnx"), TestNetworks.Options(3, 4) with { Handlers = handlers });

        CollectionAssert.AreEqual((string[])["twice", "flatten", "fc", "Score"], report.Verification.Tensors.Select(t => t.Name).ToArray());
        OnnxVerifier.Verify(network, report.Path, [3, 3, 3], handlers: handlers);
    }

    [TestMethod]
    public void A_users_sequential_with_its_own_forward_is_one_module()
    {
        using var folder = new TestFolder();
        using Sequential network = nn.Sequential(
            ("flatten", nn.Flatten()), ("block", new Residual(("fc", nn.Linear(12, 12)))), ("fc", nn.Linear(12, 4)));
        OnnxHandlerRegistry handlers = OnnxHandlerRegistry.Default.With<Residual>((module, input, context) =>
        {
            var linear = (Linear)module[0];
            OnnxValue branch = context.Helper(
                "branch",
                "Gemm",
                [input.Name, context.Weight("fc.weight", linear.weight), context.Weight("fc.bias", linear.bias!)],
                input.RowShape,
                Onnx.OnnxAttribute.Int("transB", 1));
            return context.Result("Add", [input.Name, branch.Name], input.RowShape);
        });

        OnnxExportReport report = OnnxExporter.Export(
            network, folder.File("model.onnx"), TestNetworks.Options(2, 4) with { Handlers = handlers });

        CollectionAssert.AreEqual((string[])["flatten", "block", "fc", "Score"], report.Verification.Tensors.Select(t => t.Name).ToArray());
    }

    [TestMethod]
    public void A_wrong_handler_does_not_pass()
    {
        using var folder = new TestFolder();
        using Sequential network = nn.Sequential(
            ("twice", new Twice()), ("flatten", nn.Flatten()), ("fc", nn.Linear(27, 4)));
        foreach (OnnxModuleHandler<Twice> wrong in (OnnxModuleHandler<Twice>[])
            [
                (_, input, context) => context.Result("Mul", [input.Name, context.Constant("two", [], new float[] { 2.0001f })], input.RowShape),
                (_, input, _) => input,
                (_, input, context) => context.Helper("other", "Add", [input.Name, input.Name], input.RowShape),
            ])
        {
            Assert.ThrowsExactly<OnnxVerificationException>(() => OnnxExporter.Export(
                network, folder.File("model.onnx"), TestNetworks.Options(3, 4) with { Handlers = OnnxHandlerRegistry.Default.With(wrong) }));
        }

        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Registries_do_not_change()
    {
        OnnxHandlerRegistry larger = OnnxHandlerRegistry.Default.With<Twice>((_, input, _) => input);
        Assert.DoesNotContain(typeof(Twice), OnnxHandlerRegistry.Default.ModuleTypes);
        Assert.Contains(typeof(Twice), larger.ModuleTypes);
        Assert.Contains(typeof(Conv2d), larger.ModuleTypes);
    }
}
