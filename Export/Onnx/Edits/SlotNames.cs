using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// The node from which ML.NET's <c>ApplyOnnxModel</c> takes a column's slot names: called <c>mlnet.COLUMN.SlotNames</c>, with an attribute <c>keys_strings</c>. It computes
/// nothing that anybody reads. Other runtimes (OpenCV) refuse a file that has it.
/// </summary>
public static class SlotNames
{
    private const string Domain = "ai.onnx.ml";
    private const int DomainVersion = 2;
    private const string Keys = "keys_strings";

    /// <summary>The node's name for a column.</summary>
    /// <param name="column">An output's name.</param>
    public static string NodeName(string column) => $"mlnet.{column}.SlotNames";

    /// <summary>Adds the node.</summary>
    /// <param name="model">The model; it is changed.</param>
    /// <param name="column">The output's name.</param>
    /// <param name="names">One name for each of a row's numbers.</param>
    public static void Add(OnnxModel model, string column, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(names);
        string input = $"mlnet.{column}.unusedInput";
        var text = new TensorProto { Name = input, DataType = (int)DataType.String };
        text.Dims.Add(1);
        text.StringData.Add(ByteString.Empty);
        model.Proto.Graph.Initializer.Add(text);

        var node = new NodeProto { OpType = "LabelEncoder", Domain = Domain, Name = NodeName(column) };
        node.Input.Add(input);
        node.Output.Add($"mlnet.{column}.unusedOutput");
        node.Attribute.Add(OnnxAttribute.Strings(Keys, names));
        node.Attribute.Add(OnnxAttribute.Ints("values_int64s", (long[])[.. Enumerable.Range(0, names.Count).Select(i => (long)i)]));
        model.Proto.Graph.Node.Add(node);
        if (!model.Proto.OpsetImport.Any(opset => opset.Domain == Domain))
        {
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = DomainVersion });
        }
    }

    /// <summary>The names that a file has for a column; null where it has none.</summary>
    /// <param name="outline">The file.</param>
    /// <param name="column">The output's name.</param>
    public static IReadOnlyList<string>? Read(OnnxOutline outline, string column)
    {
        ArgumentNullException.ThrowIfNull(outline);
        return outline.Node(NodeName(column))?.Attribute.FirstOrDefault(attribute => attribute.Name == Keys)?.Strings.Select(name => name.ToStringUtf8()).ToArray();
    }

    /// <summary>Removes such nodes.</summary>
    /// <param name="model">The model; it is changed.</param>
    public static void Remove(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        GraphProto graph = model.Proto.Graph;
        foreach (NodeProto node in graph.Node.Where(node => node.Name.StartsWith("mlnet.", StringComparison.Ordinal) && node.Name.EndsWith(".SlotNames", StringComparison.Ordinal)).ToArray())
        {
            graph.Node.Remove(node);
            foreach (TensorProto unused in graph.Initializer.Where(tensor => node.Input.Contains(tensor.Name)).ToArray())
            {
                graph.Initializer.Remove(unused);
            }
        }
    }
}
