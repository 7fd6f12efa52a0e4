using System.Runtime.InteropServices;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Google.Protobuf;
using static AlexNetMl.Export.Tests.GraphMutation;

namespace AlexNetMl.Export.Tests;

/// <summary>
/// Wrong files that a comparison of probabilities would let through must fail; each edit is a mistake an exporter can make.
/// </summary>
[TestClass]
public sealed class MutationTests
{
    private static TestFolder _folder = null!;
    private static AlexNet _network = null!;

    private static readonly Dictionary<string, Action<GraphProto>> Mutations = new()
    {
        ["LRN alpha times 5"] = g => Weights(g, "lrn1.band", (w, _) => { foreach (ref float v in w) { v *= 5; } }),
        ["LRN alpha divided by 5"] = g => Weights(g, "lrn2.band", (w, _) => { foreach (ref float v in w) { v /= 5; } }),
        ["LRN beta"] = g => Node(g, "lrn1").Input[1] = "lrn1/root",
        ["LRN bias"] = g => Weights(g, "lrn1.offset", (w, _) => w.Fill(1)),
        ["LRN size"] = g => Weights(g, "lrn1.band", Narrow),
        ["LRN of values for squares"] = g => Node(g, "lrn1/sums").Input[0] = "relu1",
        ["group 1 for 2"] = g => Attribute(g, "conv2", "group").I = 1,
        ["group 1 for 2, kernels filled up with zeros"] = Ungroup,
        ["groups read each other's maps"] = SwapGroups,
        ["kernel mirrored left to right"] = g => Weights(g, "conv1.weight", (w, d) => EachRow(w, d[3], row => row.Reverse())),
        ["kernel upside down"] = g => Weights(g, "conv1.weight", (w, d) => EachRow(w, d[2] * d[3], plane => plane.Reverse())),
        ["padding off by one to one side"] = g => Pads(g, "conv1", 1, 2, 3, 2),
        ["padding smaller by one"] = g => Pads(g, "conv3", 0, 0, 0, 0),
        ["padding bigger by one"] = g => Pads(g, "conv5", 2, 2, 2, 2),
        ["bias dropped"] = g => Node(g, "conv3").Input.RemoveAt(2),
        ["bias of another layer"] = g => Node(g, "conv5").Input[2] = "conv2.bias",
        ["dense bias dropped"] = g => Node(g, "fc7").Input.RemoveAt(2),
        ["two output channels swapped"] = g => Weights(g, "conv3.weight", (w, d) => Swap(w, d[1] * d[2] * d[3], 3, 4)),
        ["two classes swapped"] = g => Weights(g, "fc8.weight", (w, d) => Swap(w, d[1], 0, 9)),
        ["dense weights transposed"] = g => Attribute(g, "fc7", "transB").I = 0,
        ["one weight off by a hair"] = g => Weights(g, "fc6.weight", (w, d) => w[5] += 0.01f),
        ["all weights off by a hundredth of a percent"] = g => Weights(g, "conv4.weight", (w, d) => { foreach (ref float v in w) { v *= 1.0001f; } }),
        ["every layer off by less than the tolerance"] = Creep,
        ["weight NaN"] = g => Weights(g, "conv2.weight", (w, d) => w[0] = float.NaN),
        ["relu removed"] = g => Remove(g, "relu4"),
        ["relu left in name only"] = g => Node(g, "relu3").OpType = "Identity",
        ["layer skipped"] = g => Remove(g, "lrn2"),
        ["pool stride"] = g => { Attribute(g, "pool2", "strides").Ints.Clear(); Attribute(g, "pool2", "strides").Ints.AddRange([3, 3]); },
        ["pool shifted by one"] = g => Node(g, "pool5").Attribute.Add(OnnxAttribute.Ints("pads", 1, 1, 0, 0)),
        ["average for maximum"] = AverageForMaximum,
        ["flattened with channels last"] = ChannelsLast,
        ["softmax over the batch"] = g => Attribute(g, "Score", "axis").I = 0,
        ["softmax missing"] = g => { Node(g, "Score").OpType = "Identity"; Node(g, "Score").Attribute.Clear(); },
        ["softmax twice"] = SoftmaxTwice,
        ["sigmoid for softmax"] = g => { Node(g, "Score").OpType = "Sigmoid"; Node(g, "Score").Attribute.Clear(); },
        ["output of another name"] = g => { Node(g, "Score").Output[0] = "Scores"; g.Output[0].Name = "Scores"; },
    };

    public static IEnumerable<object[]> Names => Mutations.Keys.Select(name => new object[] { name });

    [ClassInitialize]
    public static void Export(TestContext _)
    {
        _folder = new TestFolder();
        _network = TestNetworks.AlexNet(side: 31);
        OnnxExporter.Export(_network, _folder.File("right.onnx"), TestNetworks.Options(31));
    }

    [ClassCleanup]
    public static void Clean()
    {
        _network.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void The_file_read_and_written_unchanged_passes()
    {
        OnnxFile.Write(OnnxFile.Read(_folder.File("right.onnx")), _folder.File("copy.onnx"));
        OnnxVerification verification = Verify("copy.onnx");
        Assert.IsLessThanOrEqualTo(1e-5, verification.WorstRelativeDifference);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_wrong_file_fails(string mutation)
    {
        ModelProto model = OnnxFile.Read(_folder.File("right.onnx"));
        Mutations[mutation](model.Graph);
        OnnxFile.Write(model, _folder.File("wrong.onnx"));
        var error = Assert.ThrowsExactly<OnnxVerificationException>(() => Verify("wrong.onnx"));
        Console.WriteLine(error.Message);
    }

    [TestMethod]
    public void Another_networks_file_fails()
    {
        using AlexNet other = TestNetworks.AlexNet(side: 31, grouped: false);
        Assert.ThrowsExactly<OnnxVerificationException>(() => OnnxVerifier.Verify(other, _folder.File("right.onnx"), [3, 31, 31]));
    }

    [TestMethod]
    public void A_file_that_is_not_onnx_is_said_to_be_none()
    {
        File.WriteAllText(_folder.File("text.onnx"), "hello, this is not a model");
        Assert.Throws<Exception>(() => Verify("text.onnx"), e => e!.Message);
        Assert.ThrowsExactly<OnnxFormatException>(() => Verify("text.onnx"));
        Assert.Throws<IOException>(() => Verify("missing.onnx"));
    }

    private static OnnxVerification Verify(string name) => OnnxVerifier.Verify(_network, _folder.File(name), [3, 31, 31], rows: 4, seed: 7);

    private static void Pads(GraphProto graph, string node, params long[] pads)
    {
        AttributeProto attribute = Attribute(graph, node, "pads");
        attribute.Ints.Clear();
        attribute.Ints.AddRange(pads);
    }

    // Only the channel itself and one neighbour at either side count.
    private static void Narrow(Span<float> band, int[] dimensions)
    {
        for (int i = 0; i < band.Length; i++)
        {
            if (Math.Abs((i / dimensions[1]) - (i % dimensions[1])) > 1)
            {
                band[i] = 0;
            }
        }
    }

    // Runs, unlike a changed attribute alone: both groups' kernels read the first group's maps.
    private static void Ungroup(GraphProto graph)
    {
        Attribute(graph, "conv2", "group").I = 1;
        TensorProto tensor = graph.Initializer.Single(t => t.Name == "conv2.weight");
        int kernels = (int)tensor.Dims[0], perKernel = (int)(tensor.Dims[1] * tensor.Dims[2] * tensor.Dims[3]);
        ReadOnlySpan<float> old = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span);
        float[] wide = new float[old.Length * 2];
        for (int k = 0; k < kernels; k++)
        {
            old.Slice(k * perKernel, perKernel).CopyTo(wide.AsSpan(k * 2 * perKernel));
        }

        tensor.Dims[1] *= 2;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(wide));
    }

    private static void SwapGroups(GraphProto graph) => Weights(graph, "conv4.weight", (w, _) =>
    {
        float[] first = w[..(w.Length / 2)].ToArray();
        w[(w.Length / 2)..].CopyTo(w);
        first.CopyTo(w[(w.Length / 2)..]);
    });

    // No layer on its own is beyond 1e-5; what adds up from the input to the scores is.
    private static void Creep(GraphProto graph)
    {
        foreach (string name in graph.Initializer.Select(t => t.Name).Where(n => n.EndsWith(".weight", StringComparison.Ordinal)).ToArray())
        {
            Weights(graph, name, (w, _) => { foreach (ref float v in w) { v *= 1.000006f; } });
        }
    }

    private static void AverageForMaximum(GraphProto graph)
    {
        NodeProto pool = Node(graph, "pool1");
        pool.OpType = "AveragePool";
        pool.Attribute.Remove(pool.Attribute.Single(a => a.Name == "dilations"));
    }

    private static void ChannelsLast(GraphProto graph)
    {
        var transpose = new NodeProto { OpType = "Transpose", Name = "nhwc" };
        transpose.Input.Add("pool5");
        transpose.Output.Add("nhwc");
        transpose.Attribute.Add(OnnxAttribute.Ints("perm", 0, 2, 3, 1));
        NodeProto flatten = Node(graph, "flatten");
        graph.Node.Insert(graph.Node.IndexOf(flatten), transpose);
        flatten.Input[0] = "nhwc";
    }

    private static void SoftmaxTwice(GraphProto graph)
    {
        NodeProto softmax = Node(graph, "Score");
        NodeProto first = softmax.Clone();
        first.Name = "first";
        first.Output[0] = "first";
        softmax.Input[0] = "first";
        graph.Node.Insert(graph.Node.Count - 1, first);
    }
}
