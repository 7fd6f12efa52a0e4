using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Microsoft.ML.OnnxRuntime;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class ExportTests
{
    private static readonly string[] AlexNetTensors =
    [
        "conv1", "relu1", "lrn1", "pool1", "conv2", "relu2", "lrn2", "pool2", "conv3", "relu3", "conv4", "relu4", "conv5", "relu5", "pool5",
        "flatten", "fc6", "relu6", "fc7", "relu7", "fc8",
    ];

    // Local response normalisation is several nodes.
    private static IEnumerable<string> WithHelpers(string tensor) => tensor.StartsWith("lrn", StringComparison.Ordinal)
        ? [$"{tensor}/squares", $"{tensor}/sums", $"{tensor}/root", $"{tensor}/quarter", $"{tensor}/divisor", tensor]
        : [tensor];

    [TestMethod]
    [DataRow(67, true)]
    [DataRow(67, false)]
    [DataRow(28, true)]
    public void AlexNet_is_exported_layer_by_layer(int side, bool grouped)
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(side, grouped: grouped);

        OnnxExportReport report = OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(side));

        CollectionAssert.AreEqual((string[])[.. AlexNetTensors, "Score"], report.Verification.Tensors.Select(t => t.Name).ToArray());
        Assert.IsLessThanOrEqualTo(1e-5, report.Verification.WorstRelativeDifference);
        foreach (TensorDifference tensor in report.Verification.Tensors.SkipLast(1))
        {
            Assert.AreEqual(tensor.EndToEndDifference, tensor.RelativeDifference, $"{tensor.Name} was judged on its own");
            Assert.IsGreaterThan(1.0, tensor.LargestMagnitude, $"{tensor.Name} is too quiet for its values to mean much");
        }

        Assert.AreEqual(new FileInfo(report.Path).Length, report.Bytes);
        CollectionAssert.AreEqual((string[])["model.onnx"], folder.Names);
    }

    [TestMethod]
    public void The_file_has_the_promised_form()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28) with
        {
            Metadata = new Dictionary<string, string> { ["source"] = "a test" },
        });

        ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
        Assert.AreEqual(8, model.IrVersion);
        Assert.AreEqual(17, model.OpsetImport.Single().Version);
        Assert.AreEqual("AlexNetMl", model.ProducerName);
        Assert.AreEqual("input", model.Graph.Input.Single().Name);
        Assert.AreEqual("batch,3,28,28", Shape(model.Graph.Input.Single()));
        Assert.AreEqual("Score", model.Graph.Output.Single().Name);
        Assert.AreEqual("batch,10", Shape(model.Graph.Output.Single()));
        string[] tensors = [.. AlexNetTensors.SelectMany(WithHelpers)];
        CollectionAssert.AreEqual((string[])[.. tensors, "Score"], model.Graph.Node.Select(n => n.Output.Single()).ToArray());
        CollectionAssert.AreEqual((string[])[.. tensors, "Score"], model.Graph.Node.Select(n => n.Name).ToArray());
        CollectionAssert.AreEqual(tensors, model.Graph.ValueInfo.Select(v => v.Name).ToArray());
        CollectionAssert.AreEquivalent(
            (string[])[.. network.named_parameters().Select(p => p.name), "lrn1.band", "lrn1.offset", "lrn2.band", "lrn2.offset"],
            model.Graph.Initializer.Select(t => t.Name).ToArray());
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == name);
            CollectionAssert.AreEqual(parameter.shape, tensor.Dims.ToArray());
            Assert.IsTrue(parameter.bytes.SequenceEqual(tensor.RawData.Span), name);
        }

        OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(folder.File("model.onnx")));
        OnnxExportOptions options = TestNetworks.Options(28);
        CollectionAssert.AreEqual(options.Labels.ToArray(), metadata.Labels.ToArray());
        Assert.AreEqual(options.Preprocessing, Imaging.ImagePreprocessing.FromJson(metadata.PreprocessingJson!));
        Assert.AreEqual("test decoder 1.0", metadata.Decoder);
        Assert.AreEqual("a test", OnnxFile.ReadMetadata(folder.File("model.onnx"))["source"]);
    }

    [TestMethod]
    public void A_file_names_the_decoder_of_this_process_unless_told_another()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28) with { Decoder = null });
        Assert.AreEqual(
            Imaging.ImageDecoders.Default.Name, OnnxFile.ReadMetadata(folder.File("model.onnx"))[OnnxImageModelMetadata.DecoderKey]);
    }

    [TestMethod]
    public void Any_batch_size_gives_torchs_probabilities()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28));
        network.eval();
        using var session = new InferenceSession(folder.File("model.onnx"));
        foreach (int rows in (int[])[1, 3, 17])
        {
            // Quiet pictures, so that the softmax does not saturate and its values say something.
            float[] pixels = [.. VerificationBatch.Create(rows * 3 * 28 * 28, seed: rows).Select(v => v / 2048)];
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            float[] expected = network.call(tensor(pixels, [rows, 3, 28, 28])).softmax(1).data<float>().ToArray();
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [rows, 3, 28, 28]);
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> output = session.Run(options, ["input"], [input], ["Score"]);
            float[] actual = output[0].GetTensorDataAsSpan<float>().ToArray();
            Assert.AreEqual(rows * 10, actual.Length);
            for (int i = 0; i < actual.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-5f);
            }
        }
    }

    [TestMethod]
    public void Weights_and_modes_are_afterwards_what_they_were()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        Dictionary<string, byte[]> before = TestNetworks.Weights(network);
        network.train();
        network.named_children().Single(c => c.name == "drop6").module.eval(); // one layer of its own mind

        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28));

        Assert.IsTrue(network.training);
        foreach ((string name, nn.Module module) in network.named_children())
        {
            Assert.AreEqual(name != "drop6", module.training, name);
        }

        Assert.IsTrue(is_grad_enabled());
        Assert.IsTrue(network.parameters().All(p => p.requires_grad && p.grad is null));
        foreach ((string name, byte[] bytes) in TestNetworks.Weights(network))
        {
            CollectionAssert.AreEqual(before[name], bytes, name);
        }
    }

    [TestMethod]
    public void Modes_are_restored_when_an_export_fails()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        network.train();
        Assert.ThrowsExactly<OnnxVerificationException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28) with { Tolerance = 1e-12 }));
        Assert.IsTrue(network.training && network.children().All(c => c.training));
        Assert.IsTrue(is_grad_enabled());
    }

    [TestMethod]
    public void Two_exports_of_the_same_weights_are_the_same_bytes()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExportOptions options = TestNetworks.Options(28) with
        {
            Metadata = new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" },
        };
        OnnxExporter.Export(network, folder.File("1.onnx"), options);
        OnnxExporter.Export(network, folder.File("2.onnx"), options with
        {
            Metadata = new Dictionary<string, string> { ["a"] = "2", ["b"] = "1" },
        });
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("1.onnx")), File.ReadAllBytes(folder.File("2.onnx")));
    }

    [TestMethod]
    public void Weights_with_gaps_in_memory_are_written_in_order()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        var fc8 = (Linear)network.named_children().Single(c => c.name == "fc8").module;
        using (no_grad())
        {
            // [out, in] seen through [in, out] memory
            fc8.weight = nn.Parameter(fc8.weight.detach().transpose(0, 1).contiguous().transpose(0, 1));
        }

        Assert.IsFalse(fc8.weight.is_contiguous());
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28));
    }

    [TestMethod]
    public void A_cancelled_export_leaves_nothing()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(
            () => OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28), cancellationToken: source.Token));
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void Exports_leave_no_tensors_behind()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28));
        GC.Collect(); // what other tests dropped is counted until its finalizer ran
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(28));
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static string Shape(ValueInfoProto value)
        => string.Join(',', value.Type.TensorType.Shape.Dim.Select(d => d.HasDimParam ? d.DimParam : $"{d.DimValue}"));
}
