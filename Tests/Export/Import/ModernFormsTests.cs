using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using static AlexNetMl.Onnx.OnnxAttribute;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export.Tests;

/// <summary>Forms that PyTorch 2's exporters and their optimizers write, against ONNX Runtime.</summary>
[TestClass]
public sealed class ModernFormsTests
{
    [TestMethod]
    public void Weights_that_are_constant_nodes_are_parameters()
    {
        SmallGraph graph = Modern(18, 2, 3, 6, 6)
            .Node("Constant", string.Empty, "w", Tensor("value", Raw(5, 4, 3, 3, 3)))
            .Node("Constant", string.Empty, "b", Tensor("value", Raw(6, 4)))
            .Node("Conv", "x w b", "conv", Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1), String("auto_pad", "NOTSET"))
            .Node("Relu", "conv", "y");
        graph.EqualsRuntime();
        using ImportedNetwork imported = graph.Import();
        Assert.HasCount(2, imported.Network.parameters().ToArray());
    }

    [TestMethod]
    public void Weights_behind_an_identity_or_a_transposition_are_parameters()
    {
        // torch's exporter writes an Identity for a weight that two layers share.
        SmallGraph shared = Modern(17, 2, 3, 6, 6).Weight("w", 3, 3, 1, 1).Weight("b", 3)
            .Node("Identity", "w", "again").Node("Conv", "x w b", "first").Node("Conv", "first again b", "y");
        shared.EqualsRuntime();
        using (ImportedNetwork imported = shared.Import())
        {
            Assert.HasCount(2, imported.Network.parameters().ToArray());
        }

        SmallGraph turned = Modern(17, 2, 4, 6).Weight("w", 5, 6).Weight("b", 5)
            .Node("Transpose", "w", "wt", Ints("perm", 1, 0)).Node("MatMul", "x wt", "product").Node("Add", "b product", "y");
        turned.EqualsRuntime();
        using ImportedNetwork linear = turned.Import();
        Assert.HasCount(2, linear.Network.parameters().ToArray());
    }

    [TestMethod]
    public void A_mean_over_a_map_with_its_axes_as_an_input()
    {
        foreach (int keeps in (int[])[0, 1])
        {
            SmallGraph graph = Modern(18, 2, 3, 5, 4).Longs("axes", -1, -2).Weight("w", 3, 7).Weight("b", 7)
                .Node("ReduceMean", "x axes", "mean", Int("keepdims", keeps), Int("noop_with_empty_axes", 0));
            string features = "mean";
            if (keeps == 1)
            {
                graph.Longs("target", 2, 3).Node("Reshape", "mean target", features = "flat", Int("allowzero", 1));
            }

            graph.Node("Gemm", $"{features} w b", "y", Float("alpha", 1), Float("beta", 1), Int("transB", 0)).EqualsRuntime();
        }
    }

    [TestMethod]
    public void A_convolution_without_bias_and_its_normalization()
    {
        string[] steps = Modern(20, 2, 3, 6, 6).Weight("w", 4, 3, 3, 3).Weight("scale", 4).Weight("bias", 4).Weight("mean", 4).Weight("var", 4)
            .Node("Conv", "x w", "conv", Ints("kernel_shape", 3, 3), Int("group", 1), Ints("dilations", 1, 1), Ints("strides", 2, 2), Ints("pads", 1, 1, 1, 1))
            .Node("BatchNormalization", "conv scale bias mean var", "y", Float("epsilon", 1e-3f), Float("momentum", 0.9f), Int("training_mode", 0))
            .EqualsRuntime();
        Assert.HasCount(2, steps);
    }

    [TestMethod]
    public void Weights_in_half_precision_that_the_graph_widens()
    {
        SmallGraph graph = Modern(18, 2, 3, 6, 6);
        TensorProto half = Raw(7, 4, 3, 3, 3);
        float[] values = MemoryMarshal.Cast<byte, float>(half.RawData.Span).ToArray();
        half.DataType = (int)DataType.Float16;
        half.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)));
        half.Name = "half";
        graph.Model.Graph.Initializer.Add(half);
        graph.Node("Cast", "half", "w", Int("to", (int)DataType.Float)).Node("Conv", "x w", "y");
        graph.EqualsRuntime();
        using ImportedNetwork imported = graph.Import();
        Assert.HasCount(1, imported.Network.parameters().ToArray());
    }

    [TestMethod]
    public void An_inverted_residual_with_limits_as_constants()
    {
        SmallGraph graph = Modern(18, 2, 4, 6, 6).Weight("expand", 8, 4, 1, 1).Weight("deep", 8, 1, 3, 3).Weight("project", 4, 8, 1, 1)
            .Node("Constant", string.Empty, "zero", Float("value_float", 0)).Node("Constant", string.Empty, "six", Float("value_float", 6))
            .Node("Conv", "x expand", "wide").Node("Clip", "wide zero six", "low")
            .Node("Conv", "low deep", "spread", Int("group", 8), Ints("pads", 1, 1, 1, 1)).Node("Clip", "spread zero six", "cut")
            .Node("Conv", "cut project", "narrow").Node("Add", "x narrow", "y");
        Assert.Contains(step => step.EndsWith("ReLU6", StringComparison.Ordinal), graph.EqualsRuntime());
    }

    [TestMethod]
    public void A_gate_whose_mean_is_a_reduction()
        => Modern(18, 2, 4, 6, 6).Longs("axes", 2, 3).Weight("squeeze", 2, 4, 1, 1).Weight("b", 2).Weight("excite", 4, 2, 1, 1).Weight("c", 4)
            .Node("ReduceMean", "x axes", "mean", Int("keepdims", 1)).Node("Conv", "mean squeeze b", "few").Node("Relu", "few", "some")
            .Node("Conv", "some excite c", "all").Node("HardSigmoid", "all", "gate", Float("alpha", 1f / 6), Float("beta", 0.5f)).Node("Mul", "gate x", "y").EqualsRuntime();

    [TestMethod]
    public void Halves_of_channels_by_number()
        => Modern(18, 2, 6, 4, 4).Node("Split", "x", "left right", Int("axis", 1), Int("num_outputs", 2)).Node("Sigmoid", "right", "gate").Node("Mul", "left gate", "y").EqualsRuntime();

    [TestMethod]
    [DataRow("s77")]
    [DataRow("batch_size")]
    [DataRow("")]
    public void A_batch_of_any_name_and_rows_counted_in_the_graph(string batch)
    {
        SmallGraph graph = Modern(18, 3, 2, 4, 4).Longs("rest", -1).Longs("first", 0).Weight("w", 5, 32).Weight("b", 5)
            .Node("Shape", "x", "rows", Int("start", 0), Int("end", 1)).Node("Concat", "rows rest", "target", Int("axis", 0))
            .Node("Reshape", "x target", "flat", Int("allowzero", 1)).Node("Gemm", "flat w b", "y", Int("transB", 1));
        TensorShapeProto.Types.Dimension first = graph.Model.Graph.Input[0].Type.TensorType.Shape.Dim[0];
        if (batch.Length == 0)
        {
            first.ClearValue();
        }
        else
        {
            first.DimParam = batch;
        }

        graph.EqualsRuntime();
        using ImportedNetwork imported = graph.Import();
        Assert.AreEqual(-1, imported.InputShapes[0][0]);
        using Tensor seven = rand([7, 2, 4, 4]);
        using Tensor result = imported.Network.call(seven);
        CollectionAssert.AreEqual(new long[] { 7, 5 }, result.shape);
    }

    [TestMethod]
    public void Functions_of_a_library_are_named_as_not_supported()
    {
        SmallGraph graph = Modern(18, 2, 4).Node("Relu", "x", "a").Node("aten_gelu", "a", "y");
        graph.Model.Graph.Node[1].Domain = "pkg.onnxscript.torch_lib";
        graph.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "pkg.onnxscript.torch_lib", Version = 1 });
        Assert.Contains("aten_gelu", Assert.ThrowsExactly<OnnxImportException>(() => graph.Import().Dispose()).Message);
    }

    private static SmallGraph Modern(int opset, params long[] shape)
    {
        var graph = new SmallGraph(opset, shape);
        graph.Model.IrVersion = 10;
        return graph;
    }

    private static TensorProto Raw(int seed, params long[] dims)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.3f)];
        var tensor = new TensorProto { DataType = (int)DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)) };
        tensor.Dims.AddRange(dims);
        return tensor;
    }
}
