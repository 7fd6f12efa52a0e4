using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using static AlexNetMl.Export.Tests.GraphMutation;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>
/// Wrong files of networks with batch normalizations must fail, those of a deep one without shortcuts too: it makes more of rounding than the tolerance, so the verifier has
/// to tell rounding from error there.
/// </summary>
[TestClass]
public sealed class NormalizedMutationTests
{
    private const int Side = 28;
    private static readonly string[] Networks = ["resnet20", "plain44"];

    private static readonly Dictionary<string, Action<GraphProto, int>> Mutations = new()
    {
        ["running mean of another unit"] = (g, at) => Norm(g, at).Input[3] = Norm(g, at).Input[2],
        ["running mean off by a thousandth of the deviation"] = (g, at) => Weights(g, Norm(g, at).Input[3], (w, _) => w[0] += 1e-3f * (float)Math.Sqrt(Mean(g, Norm(g, at).Input[4]))),
        ["running mean forgotten"] = (g, at) => Weights(g, Norm(g, at).Input[3], (w, _) => w.Clear()),
        ["running variance for deviation"] = (g, at) => Weights(g, Norm(g, at).Input[4], (w, _) => { foreach (ref float v in w) { v *= v; } }),
        ["variance without Bessel's correction"] = (g, at) => Weights(g, Norm(g, at).Input[4], (w, _) => { foreach (ref float v in w) { v *= 6271f / 6272; } }),
        ["mean and variance swapped"] = (g, at) => (Norm(g, at).Input[3], Norm(g, at).Input[4]) = (Norm(g, at).Input[4], Norm(g, at).Input[3]),
        ["gamma and beta swapped"] = (g, at) => (Norm(g, at).Input[1], Norm(g, at).Input[2]) = (Norm(g, at).Input[2], Norm(g, at).Input[1]),
        ["gamma of one channel off by a ten-thousandth"] = (g, at) => Weights(g, Norm(g, at).Input[1], (w, _) => w[0] *= 1.0001f),
        ["beta dropped"] = (g, at) => Weights(g, Norm(g, at).Input[2], (w, _) => w.Clear()),
        ["two channels' betas swapped"] = (g, at) => Weights(g, Norm(g, at).Input[2], (w, _) => Swap(w, 1, 0, 1)),
        ["epsilon as large as the variance"] = (g, at) => Epsilon(g, at, (float)Mean(g, Norm(g, at).Input[4])),
        ["epsilon a thousandth of the variance"] = (g, at) => Epsilon(g, at, (float)(Mean(g, Norm(g, at).Input[4]) / 1000)),
        ["normalization left out"] = (g, at) => Remove(g, Norm(g, at).Name),
        ["normalization twice"] = (g, at) => Norm(g, at).Input[0] = Twice(g, Norm(g, at)),
        ["relu left in name only"] = (g, at) => Pick(g, "Relu", at).OpType = "Identity",
        ["relu before normalization"] = (g, at) => Before(g, Norm(g, at), "Relu"),
        ["convolution's kernels mirrored"] = (g, at) => Weights(g, Pick(g, "Conv", at).Input[1], (w, d) => { if (d[3] > 1) { Rows(w, d[3]); } else { w[0] += 1; } }),
        ["every layer off by less than the tolerance"] = (g, _) => Creep(g),
    };

    private static readonly Dictionary<string, Action<GraphProto, int>> OfShortcuts = new()
    {
        ["shortcut missing"] = (g, at) => { NodeProto sum = Pick(g, "Add", at); sum.OpType = "Identity"; sum.Input.RemoveAt(1); },
        ["residual missing"] = (g, at) => { NodeProto sum = Pick(g, "Add", at); sum.OpType = "Identity"; sum.Input.RemoveAt(0); },
        ["residual twice"] = (g, at) => Pick(g, "Add", at).Input[1] = Pick(g, "Add", at).Input[0],
        ["difference for sum"] = (g, at) => Pick(g, "Add", at).OpType = "Sub",
        ["largest for sum"] = (g, at) => Pick(g, "Add", at).OpType = "Max",
    };

    private static TestFolder _folder = null!;
    private static Dictionary<string, nn.Module<Tensor, Tensor>> _networks = null!;

    [ClassInitialize]
    public static void Export(TestContext _)
    {
        _folder = new TestFolder();
        _networks = Networks.ToDictionary(name => name, name => FamilyTests.Network(name));
        foreach ((string name, nn.Module<Tensor, Tensor> network) in _networks)
        {
            OnnxExporter.Export(network, _folder.File($"{name}.onnx"), TestNetworks.Options(Side, 5));
            OnnxExporter.Export(network, _folder.File($"{name}.folded.onnx"), TestNetworks.Options(Side, 5) with { FoldBatchNorm = true });
        }
    }

    [ClassCleanup]
    public static void Clean()
    {
        foreach (nn.Module network in _networks.Values)
        {
            network.Dispose();
        }

        _folder.Dispose();
    }

    [TestMethod]
    public void Every_planted_error_is_found_wherever_it_is()
    {
        string[] missed = [.. Networks.SelectMany(network => Missed(network, network, network == "resnet20" ? Mutations.Concat(OfShortcuts) : Mutations))];
        Assert.IsEmpty(missed, string.Join("; ", missed));
    }

    [TestMethod]
    public void Errors_in_folded_convolutions_are_found()
    {
        var mutations = new Dictionary<string, Action<GraphProto, int>>
        {
            ["bias dropped"] = (g, at) => Pick(g, "Conv", at).Input.RemoveAt(2),
            ["bias of one channel off by a hundredth"] = (g, at) => Weights(g, Pick(g, "Conv", at).Input[2], (w, _) => w[0] += 0.01f * w.ToArray().Max(Math.Abs)),
            ["weights off by a ten-thousandth"] = (g, at) => Weights(g, Pick(g, "Conv", at).Input[1], (w, _) => { foreach (ref float v in w) { v *= 1.0001f; } }),
            ["every layer off by less than the tolerance"] = (g, _) => Creep(g),
        };
        string[] missed = [.. Networks.SelectMany(network => Missed(network, $"{network}.folded", mutations))];
        Assert.IsEmpty(missed, string.Join("; ", missed));
    }

    // Each error in another place: the first node of its kind, the one in the middle, the last one.
    private static IEnumerable<string> Missed(string network, string file, IEnumerable<KeyValuePair<string, Action<GraphProto, int>>> mutations)
        => mutations.Select((mutation, index) => (mutation.Key, mutation.Value, Place: (index + network.Length) % 3))
            .Where(planted => !IsFound(network, file, graph => planted.Value(graph, planted.Place)))
            .Select(planted => $"{network}: {planted.Key}, place {planted.Place}");

    private static bool IsFound(string network, string file, Action<GraphProto> mutate)
    {
        ModelProto model = OnnxFile.Read(_folder.File($"{file}.onnx"));
        mutate(model.Graph);
        OnnxFile.Write(model, _folder.File("wrong.onnx"));
        try
        {
            OnnxVerifier.Verify(_networks[network], _folder.File("wrong.onnx"), [3, Side, Side], rows: 2, seed: 7);
            return false;
        }
        catch (OnnxVerificationException e)
        {
            Console.WriteLine(e.Message);
            return true;
        }
    }

    private static NodeProto Pick(GraphProto graph, string operation, int place)
    {
        NodeProto[] all = [.. graph.Node.Where(node => node.OpType == operation)];
        return all[place * (all.Length - 1) / 2]; // 0, 1 or 2: the first, one in the middle, the last
    }

    private static NodeProto Norm(GraphProto graph, int place) => Pick(graph, "BatchNormalization", place);

    private static double Mean(GraphProto graph, string name)
    {
        double mean = 0;
        Weights(graph, name, (w, _) => { foreach (float v in w) { mean += v / w.Length; } });
        return mean;
    }

    private static void Epsilon(GraphProto graph, int place, float value)
    {
        NodeProto norm = Norm(graph, place);
        foreach (AttributeProto given in norm.Attribute.Where(attribute => attribute.Name == "epsilon").ToArray())
        {
            norm.Attribute.Remove(given);
        }

        norm.Attribute.Add(OnnxAttribute.Float("epsilon", value));
    }

    private static string Twice(GraphProto graph, NodeProto norm)
    {
        NodeProto first = norm.Clone();
        first.Name = first.Output[0] = $"{norm.Name}/first";
        graph.Node.Insert(graph.Node.IndexOf(norm), first);
        return first.Output[0];
    }

    private static void Before(GraphProto graph, NodeProto node, string operation)
    {
        var inserted = new NodeProto { OpType = operation, Name = $"{node.Name}/before" };
        inserted.Input.Add(node.Input[0]);
        inserted.Output.Add(inserted.Name);
        graph.Node.Insert(graph.Node.IndexOf(node), inserted);
        node.Input[0] = inserted.Name;
    }

    private static void Rows(Span<float> weights, int length) => EachRow(weights, length, row => row.Reverse());

    private static void Creep(GraphProto graph)
    {
        foreach (string weight in graph.Node.Where(node => node.OpType is "Conv" or "Gemm").Select(node => node.Input[1]).Distinct().ToArray())
        {
            Weights(graph, weight, (w, _) => { foreach (ref float v in w) { v *= 1.000006f; } });
        }
    }
}
