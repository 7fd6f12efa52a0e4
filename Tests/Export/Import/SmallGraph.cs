using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export.Tests;

/// <summary>A graph of few nodes as other exporters write them, in any opset; its first input is "x" and its output "y".</summary>
internal sealed class SmallGraph
{
    private readonly Random _random = new(11);
    private readonly List<long> _shape;

    public SmallGraph(int opset, params long[] shape)
    {
        _shape = [.. shape];
        Model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        var input = new ValueInfoProto { Name = "x", Type = Float() };
        input.Type.TensorType.Shape = new TensorShapeProto();
        input.Type.TensorType.Shape.Dim.AddRange(shape.Select(length => new TensorShapeProto.Types.Dimension { DimValue = length }));
        Model.Graph.Input.Add(input);
        Model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = Float() });
    }

    public ModelProto Model { get; } = new() { IrVersion = 4, Graph = new GraphProto { Name = "small" } };

    public SmallGraph Node(string opType, string inputs, string outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = opType };
        node.Input.AddRange(inputs.Split(' '));
        node.Output.AddRange(outputs.Split(' '));
        node.Attribute.AddRange(attributes);
        Model.Graph.Node.Add(node);
        return this;
    }

    /// <summary>A weight of seeded values between 0.5 and 1.5, positive so that it may also be a variance.</summary>
    public SmallGraph Weight(string name, params long[] dims)
        => Stored(name, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => _random.NextSingle() + 0.5f)]);

    public SmallGraph Stored(string name, long[] dims, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(dims);
        tensor.FloatData.AddRange(values);
        Model.Graph.Initializer.Add(tensor);
        return this;
    }

    public SmallGraph Longs(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64, Dims = { values.Length } };
        tensor.Int64Data.AddRange(values);
        Model.Graph.Initializer.Add(tensor);
        return this;
    }

    public ImportedNetwork Import() => OnnxImporter.Import(CheckedModel.Check(Model, "small.onnx"));

    /// <summary>Imports it and compares with ONNX Runtime's results, within 1e-5 of the largest.</summary>
    /// <param name="same">A graph that means the same, for opsets that the runtime does not know; null for this one.</param>
    /// <returns>The imported network's steps, "path: type".</returns>
    public string[] EqualsRuntime(SmallGraph? same = null)
    {
        using ImportedNetwork imported = Import();
        imported.Network.eval();
        using IDisposable noGradients = no_grad();
        using Tensor uniform = rand([.. _shape], generator: new Generator(2));
        using Tensor input = uniform.sub(0.5).mul(4);
        using Tensor computed = imported.Network.call(input);
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray((same ?? this).Model), options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input.data<float>().ToArray(), [.. _shape]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, ["x"], [value], ["y"]);
        CollectionAssert.AreEqual(results[0].GetTensorTypeAndShape().Shape, computed.shape);
        float[] expected = results[0].GetTensorDataAsSpan<float>().ToArray();
        using Tensor dense = computed.contiguous();
        float[] found = dense.data<float>().ToArray();
        double largest = expected.Max(one => Math.Abs((double)one));
        Assert.IsGreaterThan(0, largest);
        Assert.IsLessThanOrEqualTo(1e-5 * largest, expected.Zip(found, (a, b) => Math.Abs((double)a - b)).Max());
        return [.. imported.Network.Nodes.Select(node => $"{node.Path}: {node.Operation.GetType().Name}")];
    }

    private static TypeProto Float() => new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } };
}
