using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using TorchSharp;
using static AlexNetMl.Onnx.OnnxAttribute;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export.Tests;

/// <summary>Forms that the model zoo's files and older exporters have, against ONNX Runtime.</summary>
[TestClass]
public sealed class OldFormsTests
{
    [TestMethod]
    public void Batch_normalization_of_Caffe2()
    {
        // Opset 6 has is_test, which opset 7 left out; and Caffe's Scale layer is a product and a sum along an axis.
        SmallGraph old = Scaled(6, [2, 5, 4, 5], Int("is_test", 1), Int("spatial", 1), Int("consumed_inputs", 0));
        old.Model.Graph.Node[0].Attribute.RemoveAt(2);
        foreach (NodeProto node in old.Model.Graph.Node.Skip(1).Take(2))
            node.Attribute.AddRange([Int("broadcast", 1), Int("axis", 1)]);
        SmallGraph now = Scaled(7, [2, 5, 4, 5]);
        foreach (TensorProto tensor in now.Model.Graph.Initializer.Where(tensor => tensor.Name is "factor" or "offset"))
            tensor.Dims.AddRange([1, 1]);
        CollectionAssert.AreEqual(new[] { "norm: BatchNorm2d", "y_0: ChannelScale", "y: ReLU" }.Select(text => text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]).ToArray(),
            old.EqualsRuntime(now).Select(text => text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]).ToArray());
        using ImportedNetwork imported = old.Import();
        Assert.HasCount(4, imported.Network.parameters().ToArray());

        static SmallGraph Scaled(int opset, long[] shape, params AttributeProto[] attributes)
            => new SmallGraph(opset, shape).Weight("scale", 5).Weight("bias", 5).Weight("mean", 5).Weight("var", 5).Weight("factor", 5).Weight("offset", 5)
                .Node("BatchNormalization", "x scale bias mean var", "norm", attributes)
                .Node("Mul", "norm factor", "scaled").Node("Add", "scaled offset", "moved").Node("Relu", "moved", "y");
    }

    [TestMethod]
    public void Sums_along_an_axis_until_opset_6()
    {
        SmallGraph old = Sum(6, [Int("broadcast", 1), Int("axis", 1)], 4);
        old.EqualsRuntime(Sum(7, [], 4, 1, 1));
        SmallGraph pair = Sum(6, [Int("broadcast", 1), Int("axis", 1)], 4, 4);
        pair.EqualsRuntime(Sum(7, [], 4, 4, 1));
        Sum(6, [Int("broadcast", 1)], 4).EqualsRuntime(Sum(7, [], 4));

        static SmallGraph Sum(int opset, AttributeProto[] attributes, params long[] dims)
            => new SmallGraph(opset, 2, 4, 4, 4).Weight("w", dims).Node("Sub", "x w", "low", attributes).Node("Tanh", "low", "y");
    }

    [TestMethod]
    public void Dropout_with_a_mask_that_nobody_takes()
    {
        foreach (int opset in (int[])[7, 10, 12])
        {
            AttributeProto[] ratio = opset < 12 ? [Float("ratio", 0.5f)] : [];
            CollectionAssert.AreEqual(
                new[] { "kept: Dropout", "y: ReLU" },
                new SmallGraph(opset, 2, 6).Node("Dropout", "x", "kept mask", ratio).Node("Relu", "kept", "y").EqualsRuntime());
        }

        SmallGraph old = new SmallGraph(6, 2, 6).Node("Dropout", "x", "kept mask", Float("ratio", 0.5f), Int("is_test", 1)).Node("Relu", "kept", "y");
        old.EqualsRuntime(new SmallGraph(7, 2, 6).Node("Relu", "x", "y"));
    }

    [TestMethod]
    public void Sums_of_three()
        => new SmallGraph(8, 2, 3, 4, 4).Node("Relu", "x", "a").Node("Tanh", "x", "b").Node("Sum", "a b x", "y").EqualsRuntime();

    [TestMethod]
    public void Softmax_over_all_further_axes_before_opset_13()
    {
        foreach ((int opset, string[] expected) in ((int, string[])[])[(11, ["y: FlatSoftmax"]), (13, ["y: Softmax"])])
            CollectionAssert.AreEqual(expected, new SmallGraph(opset, 2, 3, 4, 2).Node("Softmax", "x", "y", Int("axis", 1)).EqualsRuntime());
        CollectionAssert.AreEqual(new[] { "y: Softmax" }, new SmallGraph(11, 2, 3).Node("Softmax", "x", "y").EqualsRuntime());
    }

    [TestMethod]
    public void Limits_as_attributes_and_as_inputs()
    {
        CollectionAssert.AreEqual(new[] { "y: ReLU6" }, new SmallGraph(10, 2, 3).Node("Clip", "x", "y", Float("min", 0), Float("max", 6)).EqualsRuntime());
        CollectionAssert.AreEqual(new[] { "y: Clamp" }, new SmallGraph(10, 2, 3).Node("Clip", "x", "y", Float("min", -0.5f)).EqualsRuntime());
        CollectionAssert.AreEqual(
            new[] { "y: ReLU6" },
            new SmallGraph(11, 2, 3).Stored("low", [], 0).Stored("high", [], 6).Node("Clip", "x low high", "y").EqualsRuntime());
    }

    [TestMethod]
    public void Channels_are_shuffled_and_halved()
    {
        SmallGraph graph = new SmallGraph(9, 2, 6, 3, 3)
            .Longs("apart", 2, 2, 3, 3, 3).Longs("together", 2, 6, 3, 3)
            .Node("Reshape", "x apart", "five").Node("Transpose", "five", "turned", Ints("perm", 0, 2, 1, 3, 4)).Node("Reshape", "turned together", "mixed")
            .Node("Split", "mixed", "left right", Int("axis", 1), Ints("split", 3, 3))
            .Weight("w", 3, 1, 3, 3).Node("Conv", "right w", "deep", Int("group", 3), Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1))
            .Node("Concat", "left deep", "y", Int("axis", 1));
        graph.EqualsRuntime();

        // A batch of another size than the file was written for.
        using ImportedNetwork imported = graph.Import();
        using Tensor five = rand([5, 6, 3, 3]);
        using Tensor result = imported.Network.call(five);
        CollectionAssert.AreEqual(new long[] { 5, 6, 3, 3 }, result.shape);
    }

    [TestMethod]
    public void Shapes_computed_in_the_graph()
    {
        // What torch wrote for x.view(x.size(0), -1).
        var number = new TensorProto { DataType = (int)DataType.Int64 };
        number.Int64Data.Add(0);
        new SmallGraph(9, 2, 3, 2, 2).Longs("rest", -1).Weight("w", 4, 12).Weight("b", 4)
            .Node("Shape", "x", "shape").Node("Constant", string.Empty, "zero", Tensor("value", number)).Node("Gather", "shape zero", "rows", Int("axis", 0))
            .Node("Unsqueeze", "rows", "row", Ints("axes", 0)).Node("Concat", "row rest", "target", Int("axis", 0)).Node("Reshape", "x target", "flat")
            .Node("Gemm", "flat w b", "y", Int("transB", 1)).EqualsRuntime();
        new SmallGraph(7, 2, 3, 2, 2).Longs("target", 2, 12).Weight("w", 12, 4).Node("Reshape", "x target", "flat").Node("MatMul", "flat w", "y").EqualsRuntime();
    }

    [TestMethod]
    public void Initializers_that_are_inputs_too()
    {
        SmallGraph graph = new SmallGraph(8, 2, 3, 5, 5).Weight("conv.weight", 4, 3, 3, 3).Weight("conv.bias", 4).Node("Conv", "x conv.weight conv.bias", "y", Ints("kernel_shape", 3, 3));
        graph.Model.IrVersion = 3;
        foreach (TensorProto tensor in graph.Model.Graph.Initializer)
        {
            ValueInfoProto info = graph.Model.Graph.Input[0].Clone();
            info.Name = tensor.Name;
            info.Type.TensorType.Shape.Dim.Clear();
            info.Type.TensorType.Shape.Dim.AddRange(tensor.Dims.Select(length => new TensorShapeProto.Types.Dimension { DimValue = length }));
            graph.Model.Graph.Input.Add(info);
        }

        CollectionAssert.AreEqual(new[] { "conv: Conv2d" }, graph.EqualsRuntime());
    }
}
