using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx.Tests;

[TestClass]
public sealed class OnnxGraphBuilderTests
{
    [TestMethod]
    public void The_model_says_opset_ir_and_axes()
    {
        ModelProto proto = SmallModels.Convolution().Proto;
        Assert.AreEqual(8, proto.IrVersion);
        Assert.AreEqual(17, proto.OpsetImport.Single().Version);
        var axes = proto.Graph.Input.Single().Type.TensorType.Shape.Dim;
        Assert.AreEqual("batch", axes[0].DimParam);
        CollectionAssert.AreEqual(new long[] { 4, 6, 6 }, axes.Skip(1).Select(d => d.DimValue).ToArray());
        Assert.IsEmpty(proto.Graph.Initializer, "payloads stay in their sources");
        AttributeProto group = proto.Graph.Node[0].Attribute[0];
        Assert.AreEqual((AttributeProto.Types.AttributeType.Int, 2L), (group.Type, group.I));
    }

    [TestMethod]
    public void Mistakes_are_named_where_they_are_made()
    {
        var graph = new OnnxGraphBuilder("g");
        graph.AddInput("x", DataType.Float, 1);
        StringAssert.Contains(Message(() => graph.AddNode("Relu", ["nobody"], ["y"])), "'nobody'");
        StringAssert.Contains(Message(() => graph.AddNode("Relu", ["x"], ["x"])), "'x' already");
        StringAssert.Contains(Message(() => graph.AddInput("x", DataType.Float, 1)), "'x' already");
        StringAssert.Contains(Message(() => graph.AddOutput("z", DataType.Float, 1)), "'z'");
        StringAssert.Contains(Message(() => graph.AddNode("Relu", ["x"], [])), "outputs");
        StringAssert.Contains(
            Message(() => graph.AddNode("LRN", ["x"], ["l"], OnnxAttribute.Int("size", 3), OnnxAttribute.Int("size", 5))), "'size'");
        StringAssert.Contains(Message(() => OnnxTensor.Create("w", [2, 3], new float[5])), "takes 24 bytes, but 20");
        Assert.ThrowsExactly<InvalidOperationException>(() => graph.Build());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => graph.AddInput("n", DataType.Float, -1));
        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxTensor.Create("w", [-1], Array.Empty<float>()));
        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxTensor.Create("w", [long.MaxValue, 4], Array.Empty<float>()));
        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxTensor.Create("w", DataType.String, [1], new byte[1]));
        Assert.AreEqual(0, OnnxTensor.Create("w", [long.MaxValue, 4, 0], Array.Empty<float>()).ByteLength);
    }

    [TestMethod]
    public void A_built_model_does_not_change_with_its_builder()
    {
        var graph = new OnnxGraphBuilder("g");
        graph.AddInput("x", DataType.Float, 1);
        graph.AddNode("Relu", ["x"], ["y"]);
        graph.AddOutput("y", DataType.Float, 1);
        OnnxModel first = graph.Build();
        graph.AddInitializer(OnnxTensor.Create("w", [1], new float[1]));
        graph.AddNode("Add", ["y", "w"], ["z"]);
        graph.AddOutput("z", DataType.Float, 1);
        Assert.HasCount(1, first.Proto.Graph.Node);
        Assert.IsEmpty(first.Initializers);
        Assert.HasCount(2, graph.Build().Proto.Graph.Node);
    }

    private static string Message(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
