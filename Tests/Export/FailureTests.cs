using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class FailureTests
{
    [TestMethod]
    public void All_unknown_modules_are_named_and_nothing_is_written()
    {
        using var folder = new TestFolder();
        using Sequential network = nn.Sequential(
            ("features", nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("twice", new Twice()))),
            ("flatten", nn.Flatten()),
            ("again", new Twice()),
            ("block", new Residual(("linear", nn.Linear(4, 4)))),
            ("fc", nn.Linear(4, 10)));

        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(3)));

        CollectionAssert.AreEqual(
            (UnsupportedModule[])
            [
                new("features.twice", typeof(Twice).FullName!), new("again", typeof(Twice).FullName!), new("block", typeof(Residual).FullName!),
            ],
            error.UnsupportedModules.ToArray());
        StringAssert.Contains(error.Message, "features.twice (AlexNetMl.Export.Tests.Twice)");
        StringAssert.Contains(error.Message, "OnnxHandlerRegistry");
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void A_network_that_is_one_unknown_module_is_named_by_its_type()
    {
        using var folder = new TestFolder();
        using var network = new Twice();
        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(3)));
        StringAssert.Contains(error.Message, "Twice");
    }

    [TestMethod]
    [DataRow(9)]
    [DataRow(11)]
    public void A_wrong_number_of_labels_is_an_error(int labels)
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28, labels)));
        StringAssert.Contains(error.Message, $"{labels} labels");
        StringAssert.Contains(error.Message, "10 outputs");
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Folders_that_cannot_take_the_file_are_one_sentence_and_leave_nothing()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        File.WriteAllText(folder.File("a file"), "x");
        foreach (string path in (string[])[folder.File("missing/model.onnx"), folder.File("a file/model.onnx"), folder.Path])
        {
            var error = Assert.ThrowsExactly<OnnxExportException>(() => OnnxExporter.Export(network, path, TestNetworks.Options(28)));
            StringAssert.Contains(error.Message, "cannot be written");
            Assert.DoesNotContain("\n", error.Message);
        }

        Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxModelFolder.Write(folder.File("a file/model"), network, TestNetworks.Options(28)));
        CollectionAssert.AreEqual((string[])["a file"], folder.Names);
        Assert.AreEqual("x", File.ReadAllText(folder.File("a file")));
    }

    [TestMethod]
    public void A_failed_verification_keeps_the_older_file_and_leaves_nothing_beside_it()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        File.WriteAllText(folder.File("model.onnx"), "an older file");
        OnnxHandlerRegistry wrong = OnnxHandlerRegistry.Default.With<ReLU>((_, input, context) => context.Result("Abs", [input.Name], input.RowShape));

        var error = Assert.ThrowsExactly<OnnxVerificationException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28) with { Handlers = wrong }));

        Assert.AreEqual("relu1", error.Verification!.Tensors.First(t => t.RelativeDifference > 1e-5).Name);
        StringAssert.Contains(error.Message, error.Worst!.Name);
        StringAssert.Contains(error.Message, "the first one in running order is 'relu1'");
        CollectionAssert.AreEqual((string[])["model.onnx"], folder.Names);
        Assert.AreEqual("an older file", File.ReadAllText(folder.File("model.onnx")));
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers_are_refused(float value)
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        using (no_grad())
        {
            network.get_parameter("conv3.bias")!.fill_(value);
        }

        var error = Assert.ThrowsExactly<OnnxVerificationException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28)));
        StringAssert.Contains(error.Message, "NaN");
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Weights_of_another_precision_are_refused()
    {
        using var folder = new TestFolder();
        using Sequential network = nn.Sequential(("flatten", nn.Flatten()), ("fc", nn.Linear(27, 2, dtype: ScalarType.Float64)));
        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(3, 2)));
        StringAssert.Contains(error.Message, "fc (Linear)");
        StringAssert.Contains(error.Message, "Float64");
    }

    [TestMethod]
    public void Settings_without_a_counterpart_are_named()
    {
        Refused(nn.Conv2d(3, 4, 3, padding: 1, padding_mode: PaddingModes.Circular), "Circular");
        Refused(nn.Conv3d(3, 4, 1), "volumes of shape");
        Refused(nn.MaxPool1d(2), "signals of shape");
        Refused(nn.Conv2d(4, 4, 3), "4 channels");
        Refused(nn.Conv2d(3, 4, 9), "too small");
        Refused(nn.AdaptiveAvgPool2d((3, 0)), "[3, 0]");
        Refused(nn.BatchNorm2d(3, track_running_stats: false), "track_running_stats");
        Refused(nn.Softmax(0), "dim is 0");
        Refused(nn.Flatten(0), "axes 0");
        Refused(nn.Linear(7, 8), "Flatten in front");
        Refused(nn.LayerNorm([8, 3]), "[8, 3]");
        Refused(nn.GroupNorm(2, 4), "2 groups");
        Refused(nn.PReLU(4), "4 slopes");
        Refused(nn.Unflatten(2, [3, 2]), "[3, 2]");
        Refused(nn.MaxPool2d(9), "too small");
    }

    [TestMethod]
    public void Networks_whose_names_clash_are_refused()
    {
        Refused(nn.Sequential(("a", nn.ReLU()), ("a", nn.ReLU())), "path 'a'", wrap: false);
        Refused(nn.Sequential(("input", nn.ReLU())), "'input'", wrap: false);
        Refused(nn.Sequential(("Score", nn.ReLU())), "'Score'", wrap: false);
    }

    [TestMethod]
    public void A_network_without_scores_is_refused()
    {
        Refused(nn.Sequential(), "[batch, 3, 8, 8]", wrap: false);
        Refused(nn.Sequential(("relu", nn.ReLU())), "[batch, classes]", wrap: false);
    }

    [TestMethod]
    public void A_finish_that_fails_leaves_no_file()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        string? seen = null;
        Assert.ThrowsExactly<InvalidOperationException>(() => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28), finish: file =>
        {
            seen = file;
            throw new InvalidOperationException("no variant");
        }));
        Assert.IsNotNull(seen, "it saw the verified file");
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Options_outside_their_range_are_named()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExportOptions good = TestNetworks.Options(28);
        foreach (OnnxExportOptions bad in (OnnxExportOptions[])
            [
                good with { Opset = 12 }, good with { Opset = 22 }, good with { VerificationRows = 0 }, good with { VerificationRows = 257 },
                good with { Tolerance = 0 }, good with { Tolerance = double.NaN }, good with { Labels = [] }, good with { Labels = ["a\nb"] },
                good with { Metadata = new Dictionary<string, string> { ["alexnetml.labels"] = "[]" } },
            ])
        {
            Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, folder.File("model.onnx"), bad));
        }

        Assert.IsEmpty(folder.Names);
    }

    private static void Refused(nn.Module<Tensor, Tensor> module, string because, bool wrap = true)
    {
        using var folder = new TestFolder();
        using nn.Module<Tensor, Tensor> network = wrap
            ? nn.Sequential(("module", module), ("flatten", nn.Flatten()), ("fc", nn.Linear(3 * 8 * 8, 2)))
            : module;
        var error = Assert.ThrowsExactly<OnnxExportException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(8, 2)));
        StringAssert.Contains(error.Message, because);
        Assert.IsEmpty(folder.Names);
    }
}
