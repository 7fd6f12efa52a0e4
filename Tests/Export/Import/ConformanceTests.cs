using System.Globalization;
using System.Runtime.InteropServices;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export.Tests;

/// <summary>
/// The ONNX project's own vectors (Debian's libonnx-testdata): every single-output float32 vector of an operator that the importer claims
/// passes. What is not run has a reason that stands in the list.
/// </summary>
[TestClass]
public sealed class ConformanceTests
{
    private const string Root = "/usr/share/libonnx-testdata/data";
    private static readonly string[] Collections = ["node", "pytorch-converted", "pytorch-operator", "simple"];

    // Inputs that the network computes; what these operators take beside them, and all that others take beside the first, is constant.
    private static readonly HashSet<string> OverSeveral = ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Concat", "MatMul"];

    private static readonly HashSet<string> OfConstants = ["Constant", "ConstantOfShape", "Shape"];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Every_vector_passes_or_is_excluded_for_a_reason()
    {
        if (!Directory.Exists(Root))
            Assert.Fail($"{Root} is missing: apt-get install libonnx-testdata (setup.sh does so).");
        HashSet<string> claimed = [.. OnnxOperatorRegistry.Default.OpTypes];
        var passed = new List<string>();
        var excluded = new List<string>();
        var failed = new List<string>();
        var tested = new HashSet<string>(StringComparer.Ordinal);
        foreach (string folder in Collections.SelectMany(collection => Directory.GetDirectories(Path.Combine(Root, collection))).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(Root, folder);
            if (Exclusion(folder, claimed) is { } reason)
            {
                excluded.Add($"{name}: {reason}");
                continue;
            }

            bool isOverSeveral = OnnxFile.Read(Path.Combine(folder, "model.onnx")).Graph.Node.Any(node => OverSeveral.Contains(node.OpType));
            foreach (bool dynamic in isOverSeveral ? new[] { false, true } : [false])
            {
                try
                {
                    double difference = Run(folder, dynamic, tested);
                    passed.Add(string.Create(CultureInfo.InvariantCulture, $"{name}{(dynamic ? ", several inputs computed" : string.Empty)}: {difference:0.0e0}"));
                }
                catch (Exception e) when (e is not UnitTestAssertException || e is AssertFailedException)
                {
                    failed.Add($"{name} ({(dynamic ? "computed" : "constant")} inputs): {e.Message}");
                }
            }
        }

        TestContext.WriteLine($"{passed.Count} passed:\n  {string.Join("\n  ", passed)}");
        TestContext.WriteLine($"{excluded.Count} excluded:\n  {string.Join("\n  ", excluded)}");
        TestContext.WriteLine($"claimed without a vector: {string.Join(", ", claimed.Except(tested).Order(StringComparer.Ordinal))}");
        Assert.IsEmpty(failed, $"{failed.Count} failed:\n{string.Join("\n", failed)}");
        Assert.IsGreaterThan(300, passed.Count);
    }

    private static string? Exclusion(string folder, HashSet<string> claimed)
    {
        string path = Path.Combine(folder, "model.onnx");
        ModelProto model = OnnxFile.Read(path);
        string[] unclaimed = [.. model.Graph.Node.Where(node => node.Domain.Length > 0 || !claimed.Contains(node.OpType)).Select(node => node.OpType).Distinct()];
        if (unclaimed.Length > 0)
            return $"operator not claimed: {string.Join(", ", unclaimed)}";
        if (model.Graph.Output.Count != 1)
            return $"{model.Graph.Output.Count} outputs";
        if (Tensor(model.Graph.Output[0]) is not DataType.Float)
            return $"not float32: the output is {Tensor(model.Graph.Output[0])?.ToString() ?? "no tensor"}";
        if (model.Graph.Node.All(node => OfConstants.Contains(node.OpType)))
            return "computes from no input; the importer folds it";
        if (Tensor(model.Graph.Input[0]) is not DataType.Float)
            return $"not float32: the first input is {Tensor(model.Graph.Input[0])?.ToString() ?? "no tensor"}";
        string sample = Path.Combine(folder, "test_data_set_0");
        if (model.Graph.Node.Any(node => node.OpType == "Dropout" && node.Input.Count > 2) && ReadTensor(Path.Combine(sample, "input_2.pb")).RawData.Span.ContainsAnyExcept((byte)0))
            return "training mode";
        if (model.Graph.Node.Any(node => node.OpType == "BatchNormalization" && node.Attribute.Any(attribute => attribute is { Name: "training_mode", I: 1 })))
            return "training mode";
        return null;
    }

    private static double Run(string folder, bool dynamic, HashSet<string> tested)
    {
        ModelProto model = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        bool isOverSeveral = model.Graph.Node.Any(node => OverSeveral.Contains(node.OpType));
        bool concatenates = model.Graph.Node.Any(node => node.OpType == "Concat"); // with constants it is not supported
        double worst = 0;
        foreach (string sample in Directory.GetDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal))
        {
            ModelProto prepared = model.Clone();
            var given = new List<TensorProto>();
            ValueInfoProto[] open = [.. model.Graph.Input.Where(input => model.Graph.Initializer.All(stored => stored.Name != input.Name))];
            for (int i = 0; i < open.Length; i++)
            {
                TensorProto tensor = ReadTensor(Path.Combine(sample, $"input_{i}.pb"));
                if (i == 0 || (tensor.DataType == (int)DataType.Float && (concatenates || (isOverSeveral && dynamic))))
                {
                    given.Add(tensor);
                }
                else
                {
                    tensor.Name = open[i].Name;
                    prepared.Graph.Initializer.Add(tensor);
                }
            }

            CheckedModel whole = CheckedModel.Check(prepared, folder, folder);
            using ImportedNetwork imported = OnnxImporter.Import(whole);
            using IDisposable noGradients = no_grad();
            imported.Network.eval();
            Tensor[] inputs = [.. given.Select(tensor => ToTensor(whole, tensor))];
            Assert.HasCount(imported.Network.Inputs.Count, inputs, "inputs");
            using Tensor result = imported.Network.Run(inputs);
            TensorProto expected = ReadTensor(Path.Combine(sample, "output_0.pb"));
            float[] values = new float[CheckedModel.ElementCount(expected)];
            whole.Read(expected, values.AsSpan());
            CollectionAssert.AreEqual(expected.Dims.ToArray(), result.shape, "shape");
            using Tensor dense = result.contiguous();
            float[] computed = [.. MemoryMarshal.Cast<byte, float>(dense.bytes)]; // TorchSharp's data<T>() throws for a tensor of no elements, as some vectors' results are
            double largest = Math.Max(1, values.Where(float.IsFinite).Select(value => Math.Abs((double)value)).DefaultIfEmpty(0).Max());
            for (int i = 0; i < values.Length; i++)
            {
                double difference = values[i].Equals(computed[i]) ? 0 : Math.Abs(values[i] - computed[i]) / largest;
                Assert.IsTrue(difference <= 1e-5, $"value {i} is {computed[i]}, not {values[i]}");
                worst = Math.Max(worst, difference);
            }

            foreach (Tensor input in inputs)
                input.Dispose();
        }

        tested.UnionWith(model.Graph.Node.Select(node => node.OpType));
        return worst;
    }

    private static Tensor ToTensor(CheckedModel model, TensorProto stored)
    {
        long[] shape = [.. stored.Dims];
        float[] values = new float[CheckedModel.ElementCount(stored)];
        model.Read(stored, values.AsSpan());
        return tensor(values).reshape(shape);
    }

    private static TensorProto ReadTensor(string path) => TensorProto.Parser.ParseFrom(File.ReadAllBytes(path));

    private static DataType? Tensor(ValueInfoProto info) => info.Type?.TensorType is { } type ? (DataType)type.ElemType : null;
}
