using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp.Modules;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class RandomTreeTests
{
    private const int Networks = 500;

    [TestMethod]
    public void Random_networks_are_exported_imported_exported_again_and_pass_the_official_checker()
    {
        using var folder = new TestFolder();
        var used = new Dictionary<string, int>();
        double worst = 0;
        for (int seed = 0; seed < Networks; seed++)
        {
            var trees = new RandomTrees(seed);
            (Sequential network, int side, int classes) = trees.Create();
            using (network)
            {
                try
                {
                    OnnxExportReport report = OnnxExporter.Export(network, folder.File($"{seed}.onnx"), TestNetworks.Options(side, classes));
                    worst = Math.Max(worst, report.Verification.WorstRelativeDifference);
                    StatesEveryShape(OnnxFile.Read(report.Path).Graph);
                    using ImportedNetwork imported = OnnxImporter.Import(report.Path, new OnnxImportOptions { Logits = !trees.Used.Contains("final softmax") });
                    CollectionAssert.IsSubsetOf(network.named_parameters().Select(pair => pair.name).ToArray(), imported.Network.named_parameters().Select(pair => pair.name).ToArray());
                    RoundTrip.CompareOutputs(network, imported.Network, side, 1e-3); // norms and saturating layers magnify rounding here; the export checks closely
                    OnnxExportReport again = OnnxExporter.Export(imported.Network, folder.File("again.onnx"), TestNetworks.Options(side, classes));
                    worst = Math.Max(worst, again.Verification.WorstRelativeDifference);
                }
                catch (OnnxVerificationException e)
                {
                    Assert.Fail($"network {seed} of side {side}: {e.Message}");
                }
            }

            foreach (string kind in trees.Used)
            {
                used[kind] = used.GetValueOrDefault(kind) + 1;
            }
        }

        Console.WriteLine($"worst: {worst:e2}");
        Console.WriteLine(string.Join(", ", used.OrderBy(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}")));
        foreach (string kind in (string[])[.. RandomTrees.PictureLayers, "final softmax"])
        {
            Assert.IsGreaterThanOrEqualTo(20, used.GetValueOrDefault(kind), $"networks with {kind}");
        }

        OfficialChecker.Check(folder.Path);
    }

    private static void StatesEveryShape(GraphProto graph)
    {
        Dictionary<string, ValueInfoProto> known = graph.ValueInfo.Concat(graph.Output).ToDictionary(v => v.Name);
        var constants = graph.Initializer.Select(t => t.Name).ToHashSet();
        foreach (NodeProto node in graph.Node)
        {
            string tensor = node.Output.Single();
            if (node.Input.All(constants.Contains))
            {
                constants.Add(tensor);
                Assert.IsTrue(known[tensor].Type.TensorType.Shape.Dim.All(d => d.DimValue > 0));
                continue;
            }

            Assert.AreEqual("batch", known[tensor].Type.TensorType.Shape.Dim[0].DimParam);
            Assert.IsTrue(known[tensor].Type.TensorType.Shape.Dim.Skip(1).All(d => d.DimValue > 0));
        }
    }
}
