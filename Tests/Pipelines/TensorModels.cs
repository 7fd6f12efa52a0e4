using AlexNetMl.Onnx;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Small ONNX models without pictures, in a folder that goes away with its test.</summary>
internal sealed class TensorModels : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("alexnetml-tensors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>y = x, of any element type and shape.</summary>
    public string Identity(string name, DataType type, params OnnxDimension[] shape)
    {
        var graph = new OnnxGraphBuilder(name);
        graph.AddInput("x", type, shape);
        graph.AddNode("Identity", ["x"], ["y"]);
        graph.AddOutput("y", type, shape);
        return Write(name, graph);
    }

    /// <summary>y = a·x + b for a vector of three, and the largest place of it, and its sum in double.</summary>
    public string Several()
    {
        var graph = new OnnxGraphBuilder("several");
        graph.AddInput("x", DataType.Float, "batch", 3);
        graph.AddInput("scale", DataType.Float, "batch", 1);
        graph.AddInput("offset", DataType.Double, "batch", 1);
        graph.AddNode("Mul", ["x", "scale"], ["scaled"]);
        graph.AddNode("Cast", ["scaled"], ["wide"], OnnxAttribute.Int("to", (long)DataType.Double));
        graph.AddNode("Add", ["wide", "offset"], ["y"]);
        graph.AddNode("ArgMax", ["x"], ["place"], OnnxAttribute.Int("axis", 1), OnnxAttribute.Int("keepdims", 0));
        graph.AddNode("Greater", ["x", "scale"], ["above"]);
        graph.AddOutput("y", DataType.Double, "batch", 3);
        graph.AddOutput("place", DataType.Int64, "batch");
        graph.AddOutput("above", DataType.Bool, "batch", 3);
        return Write("several", graph);
    }

    /// <summary>A batch's values one below the other: three rows for each row.</summary>
    public string WithoutRows()
    {
        var graph = new OnnxGraphBuilder("without-rows");
        graph.AddInput("x", DataType.Float, "batch", 3);
        graph.AddInitializer(OnnxTensor.Create("column", [2], (long[])[-1, 1]));
        graph.AddNode("Reshape", ["x", "column"], ["sum"]);
        graph.AddOutput("sum", DataType.Float, "rows", 1);
        return Write("without-rows", graph);
    }

    public string Write(string name, OnnxGraphBuilder graph, Action<OnnxModel>? change = null)
    {
        string path = Path.Combine(_folder, $"{name}.onnx");
        OnnxModel model = graph.Build();
        change?.Invoke(model);
        OnnxFile.Write(model, path);
        return path;
    }
}
