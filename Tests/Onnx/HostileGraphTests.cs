using System.Diagnostics;
using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx.Tests;

/// <summary>Well-formed files that do not hold together: <see cref="CheckedModel.Read(string, long)"/> and <see cref="OnnxFile.Check"/> refuse each with its reason.</summary>
[TestClass]
public sealed class HostileGraphTests
{
    [TestMethod]
    public void Graphs_that_run_in_a_circle()
    {
        Refused("runs in a circle", graph => graph.Node[0].Input[0] = "y");
        Refused("runs in a circle", graph => graph.Node[1].Input[0] = "y");
        Refused("not in running order", graph =>
        {
            NodeProto first = graph.Node[0].Clone();
            graph.Node.RemoveAt(0);
            graph.Node.Add(first);
        });
        Refused("no input, initializer or node provides", graph => graph.Node[1].Input[0] = "nothing");
        Refused("exists already", graph => graph.Node[1].Output[0] = "h");
        Refused("the name of two", graph => graph.Initializer[0].Name = "b");
        Refused("made by no node", graph => graph.Output[0].Name = "nothing");
        Refused("calls itself", graph => graph.Node[0].OpType = "f", model =>
        {
            foreach ((string name, string callee) in new[] { ("f", "g"), ("g", "f") })
            {
                var function = new FunctionProto { Name = name, Domain = "own" };
                function.Input.Add("a");
                function.Output.Add("c");
                var call = new NodeProto { OpType = callee, Domain = "own" };
                call.Input.Add("a");
                call.Output.Add("c");
                function.Node.Add(call);
                model.Functions.Add(function);
            }
        });
    }

    [TestMethod]
    public void Absurd_dimensions()
    {
        foreach (long[] dims in (long[][])[[long.MaxValue, long.MaxValue], [long.MaxValue], [1L << 32, 1L << 32], [-1, 6], [3, -2], [0x7FFFFFFF, 0x7FFFFFFF, 0], [7], [3, 3], []])
        {
            Refused("'w'", graph =>
            {
                graph.Initializer[0].Dims.Clear();
                graph.Initializer[0].Dims.AddRange(dims);
            });
        }

        Refused("axes", graph => graph.Initializer[0].Dims.AddRange(Enumerable.Repeat(1L, 100)));
        Refused("length", graph => graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = long.MaxValue);
        Refused("elements", graph => graph.Output[0].Type.TensorType.Shape.Dim.AddRange(
            Enumerable.Repeat(0, 4).Select(_ => new TensorShapeProto.Types.Dimension { DimValue = int.MaxValue })));
        Refused("'w'", graph => graph.Initializer[0].DataType = (int)DataType.Double);
        Refused("'w'", graph => graph.Initializer[0].DataType = 99);
        Refused("values elsewhere", graph => graph.Initializer[0].FloatData.Add(1));
    }

    [TestMethod]
    public void Weights_in_files_that_are_not_the_models()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("model/parts"));
        File.WriteAllBytes(folder.File("outside.bin"), new byte[100]);
        File.WriteAllBytes(folder.File("model/weights.bin"), new byte[32]);
        File.WriteAllBytes(folder.File("model/parts/b.bin"), new byte[8]);
        File.CreateSymbolicLink(folder.File("model/link.bin"), folder.File("outside.bin"));
        Directory.CreateSymbolicLink(folder.File("model/linked"), folder.Path);
        string path = folder.File("model/model.onnx");

        // As it should be: two tensors in one file, or one in a folder below.
        Write(path, graph =>
        {
            External(graph.Initializer[0], "weights.bin", ("offset", "0"), ("length", "24"));
            External(graph.Initializer[1], "weights.bin", ("offset", "24"));
        });
        CheckedModel.Read(path);
        OnnxFile.Check(path);
        Write(path, graph => External(graph.Initializer[1], "parts/b.bin"));
        CheckedModel.Read(path);
        OnnxFile.Check(path);

        string outside = folder.File("outside.bin");
        foreach ((string location, string reason) in new[]
        {
            ("../outside.bin", "inside the model's folder"), (outside, "inside the model's folder"), ("parts/../../outside.bin", "inside the model's folder"),
            ("..\\outside.bin", "inside the model's folder"), ("C:\\outside.bin", "inside the model's folder"), ("./weights.bin", "inside the model's folder"),
            (string.Empty, "inside the model's folder"), ("a\0b", "inside the model's folder"), ("link.bin", "through a link"), ("linked/outside.bin", "through a link"),
            ("missing.bin", "does not exist"), ("parts", "does not exist"),
        })
        {
            RefusedAt(path, reason, graph => External(graph.Initializer[0], location));
        }

        foreach ((string key, string value, string reason) in new[]
        {
            ("offset", "9", "which has 32"), ("offset", "9223372036854775807", "which has 32"), ("offset", "-8", "whole number"), ("offset", "1e1", "whole number"),
            ("length", "23", "take 24"), ("length", "107374182400", "take 24"), ("location", "weights.bin", "twice"),
        })
        {
            RefusedAt(path, reason, graph => External(graph.Initializer[0], "weights.bin", (key, value)));
        }

        RefusedAt(path, "share bytes", graph =>
        {
            External(graph.Initializer[0], "weights.bin");
            External(graph.Initializer[1], "weights.bin", ("offset", "20"));
        });
        RefusedAt(path, "names no file", graph => graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External, keepRaw: false);
        RefusedAt(path, "has values in the model too", graph =>
        {
            External(graph.Initializer[0], "weights.bin");
            graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[24]);
        });
    }

    [TestMethod]
    public void Many_tiny_messages_take_bounded_memory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("many.onnx");
        foreach (int count in (int[])[50_000, 1_000_000])
        {
            var model = SmallModels.Linear().ToProto();
            byte[] start = model.ToByteArray();
            byte[] nodes = [.. Enumerable.Range(0, count).SelectMany(_ => (byte[])[0x0A, 0x00])];
            File.WriteAllBytes(path, [.. start, .. Field(0x3A, nodes)]); // a second graph, which protobuf adds to the first
            foreach (Action read in (Action[])[() => CheckedModel.Read(path), () => OnnxFile.Check(path)])
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                long started = Stopwatch.GetTimestamp();
                Assert.ThrowsExactly<OnnxFormatException>(read);
                Assert.IsLessThan(1, Stopwatch.GetElapsedTime(started).TotalSeconds);
                Assert.IsLessThan((64L << 20) + (4 * new FileInfo(path).Length), GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [TestMethod]
    public void Checking_a_file_does_not_load_its_weights()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("large.onnx");
        var graph = new OnnxGraphBuilder("large");
        graph.AddInput("x", DataType.Float, "batch", 1 << 12);
        graph.AddInitializer(OnnxTensor.Create("w", [1 << 12, 1 << 11], new float[1 << 23]));
        graph.AddNode("MatMul", ["x", "w"], ["y"]);
        graph.AddOutput("y", DataType.Float, "batch", 1 << 11);
        OnnxFile.Write(graph.Build(), path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OnnxFile.Check(path);
        Assert.IsLessThan(1 << 18, GC.GetAllocatedBytesForCurrentThread() - before);

        // The weights' length counts although their bytes are not read.
        byte[] bytes = File.ReadAllBytes(path);
        ModelProto model = ModelProto.Parser.ParseFrom(bytes);
        model.Graph.Initializer[0].Dims[0]++;
        File.WriteAllBytes(path, model.ToByteArray());
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.Check(path)).Message, $"{1 << 25} in raw_data");
    }

    private static byte[] Field(byte tag, byte[] content)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        output.WriteRawTag(tag);
        output.WriteBytes(ByteString.CopyFrom(content));
        output.Flush();
        return stream.ToArray();
    }

    private static void External(TensorProto tensor, string location, params (string Key, string Value)[] entries)
    {
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        foreach ((string key, string value) in entries)
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static void Write(string path, Action<GraphProto> change, Action<ModelProto>? changeModel = null)
    {
        ModelProto model = SmallModels.Linear().ToProto();
        change(model.Graph);
        changeModel?.Invoke(model);
        File.WriteAllBytes(path, model.ToByteArray());
    }

    private static void Refused(string reason, Action<GraphProto> change, Action<ModelProto>? changeModel = null)
    {
        using var folder = new TemporaryFolder();
        RefusedAt(folder.File("model.onnx"), reason, change, changeModel);
    }

    private static void RefusedAt(string path, string reason, Action<GraphProto> change, Action<ModelProto>? changeModel = null, bool keepRaw = true)
    {
        Write(path, graph =>
        {
            change(graph);
            if (!keepRaw)
                graph.Initializer[0].ClearRawData();
        }, changeModel);
        string message = Assert.ThrowsExactly<OnnxFormatException>(() => CheckedModel.Read(path)).Message;
        StringAssert.Contains(message, reason);
        StringAssert.Contains(message, Path.GetFileName(path));
        Assert.AreEqual(message, Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.Check(path)).Message);
    }
}
