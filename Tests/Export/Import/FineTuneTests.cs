using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>An imported network learns, its constants do not, and it goes out again as a file that verifies.</summary>
[TestClass]
public sealed class FineTuneTests
{
    private const int Classes = 4;

    [TestMethod]
    public void An_AlexNet_with_response_normalization_in_standard_operators()
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = Classes, Side = 67, Width = 0.1, Dropout = 0, Initialization = AlexNetInitialization.He });
        using ImportedNetwork tuned = Tune(network, 67, rate: 0.02);
        Assert.IsEmpty(tuned.Network.named_buffers(), "the bands of the response normalization are no part of the network");
        Assert.HasCount(2, tuned.Network.Nodes.Where(node => node.Operation is FusedLocalResponseNorm).ToArray());
    }

    [TestMethod]
    public void A_residual_network_behind_a_mean_colour()
    {
        using var network = nn.Sequential(
            ("mean", new ConstantOperand(Arithmetic.Subtract, tensor(new float[] { 0.1f, -0.2f, 0.3f }, [3, 1, 1]))),
            ("conv", nn.Conv2d(3, 8, 3, stride: 2, bias: false)),
            ("norm", nn.BatchNorm2d(8)),
            ("relu", nn.ReLU()),
            ("block", new Branches(
                new Sum(),
                ("deep", nn.Sequential(("conv", nn.Conv2d(8, 8, 3, padding: 1, bias: false)), ("norm", nn.BatchNorm2d(8)), ("relu", nn.ReLU()))),
                ("shortcut", nn.Identity()))),
            ("pool", nn.AdaptiveAvgPool2d(3)),
            ("flatten", nn.Flatten()),
            ("fc", nn.Linear(72, Classes)));
        using ImportedNetwork tuned = Tune(network, 15, rate: 0.05);
        Dictionary<string, Tensor> buffers = tuned.Network.named_buffers().ToDictionary(buffer => buffer.name, buffer => buffer.buffer);
        CollectionAssert.AreEqual(new float[] { 0.1f, -0.2f, 0.3f }, buffers["mean.constant"].data<float>().ToArray());
        Assert.AreNotEqual(0, buffers["norm.running_mean"].data<float>()[0], "statistics follow the training");
    }

    private static ImportedNetwork Tune(nn.Module<Tensor, Tensor> network, int side, double rate)
    {
        using var folder = new TestFolder();
        OnnxExportOptions options = TestNetworks.Options(side, Classes);
        OnnxExporter.Export(network, folder.File("first.onnx"), options);
        ImportedNetwork imported = OnnxImporter.Import(folder.File("first.onnx"), new() { Logits = true });
        HashSet<string> parameters = [.. imported.Network.named_parameters().Select(parameter => parameter.name)];
        Assert.AreEqual(Names(network), Names(imported.Network));
        Dictionary<string, byte[]> before = TestNetworks.Weights(imported.Network);
        double[] losses = Train(imported.Network, side, rate);
        Assert.IsLessThan(0.3 * losses.Take(5).Average(), losses.TakeLast(5).Average(), string.Join(" ", losses));
        Dictionary<string, byte[]> after = TestNetworks.Weights(imported.Network);
        foreach (string name in parameters)
            CollectionAssert.AreNotEqual(before[name], after[name], name);

        OnnxExportReport report = OnnxExporter.Export(imported.Network, folder.File("tuned.onnx"), options);
        Assert.IsLessThanOrEqualTo(1e-5, report.Verification.WorstRelativeDifference);
        ModelProto first = OnnxFile.Read(folder.File("first.onnx"));
        Dictionary<string, TensorProto> second = OnnxFile.Read(folder.File("tuned.onnx")).Graph.Initializer.ToDictionary(tensor => tensor.Name);
        foreach (TensorProto constant in first.Graph.Initializer.Where(tensor => !after.ContainsKey(tensor.Name)))
            Assert.AreEqual(constant, second[constant.Name], "constants of the graph stay what they were");
        using ImportedNetwork again = OnnxImporter.Import(folder.File("tuned.onnx"), new() { Logits = true });
        RoundTrip.CompareOutputs(imported.Network, again.Network, side);
        return imported;
    }

    private static string Names(nn.Module network) => string.Join(" ", network.named_parameters().Select(parameter => parameter.name).Order(StringComparer.Ordinal));

    // The class is the quarter of the picture that is brighter, in noise.
    private static double[] Train(nn.Module<Tensor, Tensor> network, int side, double rate)
    {
        const int batch = 16;
        const int steps = 40;
        network.train();
        using var optimizer = optim.SGD(network.parameters(), rate, momentum: 0.9);
        var random = new Random(4);
        var losses = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            long[] classes = [.. Enumerable.Range(0, batch).Select(_ => (long)random.Next(Classes))];
            var pixels = new float[batch * 3 * side * side];
            for (int i = 0; i < pixels.Length; i++)
            {
                int x = i % side, y = i / side % side;
                bool bright = classes[i / (3 * side * side)] == (2 * x / side) + (2 * (2 * y / side));
                pixels[i] = random.NextSingle() - 0.5f + (bright ? 1 : 0);
            }

            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(network.call(tensor(pixels, [batch, 3, side, side])), tensor(classes));
            loss.backward();
            optimizer.step();
            losses[step] = loss.item<float>();
        }

        return losses;
    }
}
