using System.Text;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>
/// The few fields of an ONNX file (onnx.proto: ModelProto, GraphProto, NodeProto, TensorProto) that ONNX Runtime does not tell: the types of the stored
/// tensors and the nodes that carry slot names. Tensor data is skipped over, not read.
/// </summary>
internal sealed class OnnxFile
{
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int GraphInitializer = 5;
    private const int NodeName = 3;
    private const int NodeAttribute = 5;
    private const int AttributeName = 1;
    private const int AttributeStrings = 9;
    private const int TensorType = 2;

    private static readonly string[] TypeNames =
    [
        "Undefined", "Float", "Uint8", "Int8", "Uint16", "Int16", "Int32", "Int64", "String", "Bool", "Float16", "Double", "Uint32", "Uint64",
        "Complex64", "Complex128", "Bfloat16",
    ];

    // TensorProto.DataType: everything but half precision, complex numbers and what came later.
    private static readonly int[] SupportedTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13];

    private readonly Dictionary<string, string[]> _slotNames = [];

    /// <exception cref="InvalidOperationException">A stored tensor has a type that ML.NET does not know, such as Float16.</exception>
    internal OnnxFile(ReadOnlySpan<byte> model)
    {
        var fields = new ProtobufReader(model);
        while (fields.Next())
        {
            if (fields.Field == ModelGraph && fields.IsBytes)
            {
                ReadGraph(fields.Bytes);
            }
        }
    }

    internal string[] SlotNamesOf(string column) => _slotNames.GetValueOrDefault($"mlnet.{column}.SlotNames");

    internal static InvalidOperationException Unsupported(string type) => Errors.Invalid($"Unsupported ONNX scalar type: {type}");

    private void ReadGraph(ReadOnlySpan<byte> graph)
    {
        var fields = new ProtobufReader(graph);
        while (fields.Next())
        {
            if (fields.Field == GraphNode && fields.IsBytes)
            {
                ReadNode(fields.Bytes);
            }
            else if (fields.Field == GraphInitializer && fields.IsBytes)
            {
                CheckTensor(fields.Bytes);
            }
        }
    }

    private void ReadNode(ReadOnlySpan<byte> node)
    {
        string name = string.Empty;
        string[] keys = null;
        var fields = new ProtobufReader(node);
        while (fields.Next())
        {
            if (fields.Field == NodeName && fields.IsBytes)
            {
                name = Encoding.UTF8.GetString(fields.Bytes);
            }
            else if (fields.Field == NodeAttribute && fields.IsBytes)
            {
                keys ??= ReadKeys(fields.Bytes);
            }
        }
        if (keys is not null)
        {
            _slotNames.TryAdd(name, keys);
        }
    }

    private static string[] ReadKeys(ReadOnlySpan<byte> attribute)
    {
        bool named = false;
        var strings = new List<string>();
        var fields = new ProtobufReader(attribute);
        while (fields.Next())
        {
            if (fields.Field == AttributeName && fields.IsBytes)
            {
                named = fields.Bytes.SequenceEqual("keys_strings"u8);
            }
            else if (fields.Field == AttributeStrings && fields.IsBytes)
            {
                strings.Add(Encoding.UTF8.GetString(fields.Bytes));
            }
        }
        return named ? [.. strings] : null;
    }

    private static void CheckTensor(ReadOnlySpan<byte> tensor)
    {
        var fields = new ProtobufReader(tensor);
        while (fields.Next())
        {
            if (fields.Field == TensorType && !fields.IsBytes && !SupportedTypes.Contains((int)fields.Number))
            {
                int type = (int)fields.Number;
                throw Unsupported(type >= 0 && type < TypeNames.Length ? TypeNames[type] : type.ToString(null, null));
            }
        }
    }
}
