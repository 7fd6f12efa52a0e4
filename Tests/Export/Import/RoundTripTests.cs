using System.Runtime.InteropServices;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Google.Protobuf;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class RoundTripTests
{
    [TestMethod]
    public void AlexNets_come_back()
    {
        AlexNetOptions small = new() { Classes = 5, Side = 67, Width = 0.05, Initialization = AlexNetInitialization.He };
        AlexNetOptions original = Recipes.Original2012.AlexNetFor(5, 70) with { Width = 0.05, Initialization = AlexNetInitialization.He };
        AlexNetOptions[] variants =
        [
            small, small with { Window = AlexNetWindow.Ceiling, Side = 68 }, small with { Order = AlexNetOrder.Original2012 },
            small with { AlphaDividedByWindow = true }, small with { ResponseNormScope = ResponseNormScope.EachTower }, small with { ContrastNorm = true },
            small with { Activation = AlexNetActivation.Tanh }, small with { ResponseNorm = false }, small with { OverlappingPooling = false }, original,
        ];
        foreach (AlexNetOptions options in variants)
        {
            using var network = new AlexNet(options);
            TestNetworks.RandomizeBiases(network, seed: 5);
            Dictionary<string, Type> modules = RoundTrip.Check(network, options.Side);
            foreach ((string name, nn.Module child) in network.named_children())
            {
                if (child is FusedLocalResponseNorm or SpatialResponseNorm or MaxPool2d or Conv2d or Linear)
                    Assert.AreEqual(child.GetType(), modules[name], $"{name} of {options}");
            }
        }
    }

    [TestMethod]
    public void Response_normalization_keeps_its_settings()
    {
        foreach ((long size, double alpha, double beta, double k, long groups) in ((long, double, double, double, long)[])
            [(5, 1e-4, 0.75, 1, 1), (5, 5e-4, 0.75, 2, 2), (4, 0.3, 0.75, 1.5, 1), (3, 1e-2, 0.5, 1, 4), (2, 0.1, 1, 0.7, 1), (1, 0.1, 0.31, 2, 1), (7, 1, 0.75, 1, 1)])
        {
            foreach (bool lrnNode in (bool[])[false, true])
            {
                using var network = nn.Sequential(
                    ("wide", nn.Conv2d(3, 8, 1)), ("norm", new FusedLocalResponseNorm(size, alpha, beta, k, groups)), ("flatten", nn.Flatten()), ("fc", nn.Linear(8 * 25, 5)));
                using var folder = new TestFolder();
                OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(5, 5) with { LrnNode = lrnNode });
                using ImportedNetwork imported = OnnxImporter.Import(folder.File("model.onnx"));
                var norm = (FusedLocalResponseNorm)imported.Network.Nodes.Single(node => node.Path == "norm").Operation;
                Assert.AreEqual((size, alpha, beta, k, groups), (norm.size, norm.alpha, norm.beta, norm.k, norm.groups));
                Assert.IsEmpty(imported.Network.named_buffers());
            }
        }
    }

    // 256 channels leave in four blocks: every size and channel count whose blocks have borders, parts of none, or no block at all.
    [TestMethod]
    public void Response_normalization_over_many_channels_comes_back_from_its_blocks()
    {
        foreach ((long channels, long size, bool blocks) in ((long, long, bool)[])[(256, 5, true), (256, 4, true), (192, 9, true), (320, 2, true), (256, 1, false), (256, 64, false), (128, 5, false), (100, 5, false)])
        {
            using var network = nn.Sequential(
                ("wide", nn.Conv2d(3, channels, 1)), ("norm", new FusedLocalResponseNorm(size, alpha: 0.01, beta: 0.75, k: 2)), ("flatten", nn.Flatten()), ("fc", nn.Linear(channels * 4, 5)));
            TestNetworks.RandomizeBiases(network, seed: 5);
            RoundTrip.Check(network, 2);
            using var folder = new TestFolder();
            OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(2, 5));
            Assert.AreEqual(blocks, OnnxFile.Read(folder.File("model.onnx")).Graph.Node.Any(node => node.OpType == "Add"), $"{channels} channels, windows of {size}");
            using ImportedNetwork imported = OnnxImporter.Import(folder.File("model.onnx"));
            var norm = (FusedLocalResponseNorm)imported.Network.Nodes.Single(node => node.Path == "norm").Operation;
            Assert.AreEqual((size, 0.01, 0.75, 2.0, 1), (norm.size, norm.alpha, norm.beta, norm.k, norm.groups));
            Assert.AreEqual(network.parameters().Count(), imported.Network.parameters().Count());
        }
    }

    [TestMethod]
    public void Blocks_that_are_no_band_stay_what_they_are()
    {
        using var network = nn.Sequential(("wide", nn.Conv2d(3, 256, 1)), ("norm", new FusedLocalResponseNorm(5, 0.01, 0.75, 2)), ("flatten", nn.Flatten()), ("fc", nn.Linear(1024, 5)));
        using var folder = new TestFolder();
        foreach ((string name, int at) in ((string, int)[])[("norm.blocks", 3), ("norm.pick", 5), ("norm.place", 1)])
        {
            OnnxExporter.Export(network, folder.File("model.onnx"), TestNetworks.Options(2, 5));
            ModelProto model = OnnxFile.Read(folder.File("model.onnx"));
            TensorProto tensor = model.Graph.Initializer.Single(initializer => initializer.Name == name);
            float[] values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
            values[at] += 0.5f;
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
            using ImportedNetwork imported = OnnxImporter.Import(CheckedModel.Check(model, "changed"));
            Assert.IsFalse(imported.Network.Nodes.Any(node => node.Operation is FusedLocalResponseNorm), name);
        }
    }

    [TestMethod]
    public void Layers_come_back()
    {
        foreach (int opset in (int[])[13, 17, 21])
        {
            Check(opset, ("conv", nn.Conv2d(3, 6, (3, 2), stride: (2, 1), padding: (1, 0), dilation: (1, 2), groups: 3)));
            Check(opset, ("conv", nn.Conv2d(3, 6, 3, bias: false)), ("norm", nn.BatchNorm2d(6, eps: 1e-3)), ("relu", nn.ReLU()));
            Check(opset, ("pad", nn.ZeroPad2d((1, 2, 0, 1))), ("pool", nn.MaxPool2d(3, stride: 2)), ("leaky", nn.LeakyReLU(0.2)));
            Check(opset, ("pool", nn.MaxPool2d(3, stride: 2, padding: 1, ceil_mode: true)), ("elu", nn.ELU(0.7)));
            Check(opset, ("pool", nn.AvgPool2d(3, stride: 2, ceil_mode: true)), ("tanh", nn.Tanh()));
            Check(opset, ("pool", nn.AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false)), ("sigmoid", nn.Sigmoid()));
            Check(opset, ("conv", nn.Conv2d(3, 8, 3)), ("norm", Groups()), ("silu", nn.SiLU()));
            Check(opset, ("norm", nn.LayerNorm([9, 9])), ("gelu", nn.GELU()));
            Check(opset, ("norm", nn.LayerNorm([9], bias: false)), ("swish", nn.Hardswish()), ("dropout", nn.Dropout(0.3)));
            Check(opset, ("prelu", nn.PReLU(3)), ("one", nn.PReLU(1)), ("six", nn.ReLU6()), ("hard", nn.Hardsigmoid()));
            Check(opset, ("fc", nn.Linear(9, 4)), ("more", nn.Linear(4, 3, hasBias: false)), ("log", nn.LogSoftmax(1)));
            Check(opset, ("pool", nn.AdaptiveAvgPool2d(1)));
            Check(opset, ("pool", nn.AdaptiveMaxPool2d([1, 1])));
            Check(opset, ("pool", nn.AdaptiveAvgPool2d((3, 9))));
            Check(opset, ("pool", nn.AdaptiveAvgPool2d((4, 7))));
            Check(opset, ("pool", nn.AdaptiveAvgPool2d((9, 5))));
        }

        // TorchSharp's comes with whatever the memory held.
        static GroupNorm Groups()
        {
            GroupNorm norm = nn.GroupNorm(4, 8);
            nn.init.ones_(norm.weight);
            nn.init.zeros_(norm.bias!);
            return norm;
        }

        void Check(int opset, params (string, nn.Module<Tensor, Tensor>)[] layers)
        {
            (string, nn.Module<Tensor, Tensor>) flatten = ("flatten", nn.Flatten());
            using var body = nn.Sequential([.. layers, flatten]);
            using Tensor probe = zeros([1, 3, 9, 9]);
            body.eval();
            long features = body.call(probe).shape[1];
            using var network = nn.Sequential([.. layers, flatten, ("classes", nn.Linear(features, 5))]);
            TestNetworks.Settle(network);
            Dictionary<string, Type> modules = RoundTrip.Check(network, 9, opset: opset);
            foreach ((string name, nn.Module<Tensor, Tensor> module) in layers.Where(layer => layer.Item2 is not (Dropout or AdaptiveAvgPool2d)))
                Assert.AreEqual(module.GetType(), modules[name]);
        }
    }
}
