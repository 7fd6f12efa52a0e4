using System.Globalization;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>
/// Finds nodes that together are one layer and puts one node of an own domain in their place. Inner tensors of a pattern are taken by
/// the pattern's own nodes alone; so nothing else loses its input.
/// </summary>
internal static class GraphPatterns
{
    public const string Domain = "alexnetml.patterns";

    public static string Key(string pattern) => $"{Domain}::{pattern}";

    /// <summary>The nodes in running order, with patterns replaced.</summary>
    /// <param name="nodes">Nodes in running order.</param>
    /// <param name="session">Gives constants.</param>
    /// <param name="result">The tensor that the network computes.</param>
    public static List<NodeProto> Apply(List<NodeProto> nodes, ImportSession session, string result)
    {
        var index = new GraphIndex(nodes, session.Model, result);
        foreach (NodeProto node in nodes)
        {
            if (node.Domain.Length > 0 || node.Output.Count != 1 || node.Input.Any(input => input.Length == 0))
                continue;
            NodeProto? layer = node.OpType switch
            {
                "Div" => ResponseNormPattern.Find(node, index) ?? LayerNormPattern.Find(node, index),
                "MatMul" => AdaptiveAveragePattern.Find(node, index),
                "Reshape" => GroupNormPattern.Find(node, index),
                "Mul" or "Add" when node.Attribute.Count > 0 => AlongAxis(node, index),
                "Mul" => GatePattern.Find(node, index) ?? AffinePattern.FindFactor(node, index),
                "Add" => LinearPattern.Find(node, index) ?? AffinePattern.FindOffset(node, index),
                _ => null,
            };
            if (layer is not null)
                index.Replace(node, layer);
        }

        return index.Nodes();
    }

    // Until opset 6 an attribute said where the second operand's axes lie; Caffe's Scale layer came so.
    private static NodeProto? AlongAxis(NodeProto node, GraphIndex index)
        => !GraphIndex.Has(node, ("broadcast", [1], false), ("axis", [1], false)) ? null
            : node.OpType == "Mul" ? AffinePattern.FindFactor(node, index) : AffinePattern.FindOffset(node, index);

    /// <summary>A node in place of a pattern, under the name and with the result of the pattern's last one.</summary>
    public static NodeProto Layer(string pattern, NodeProto last, params IEnumerable<string> inputs)
    {
        var layer = new NodeProto { Domain = Domain, OpType = pattern, Name = ImportSession.Label(last) };
        layer.Input.AddRange(inputs);
        layer.Output.Add(last.Output[0]);
        return layer;
    }

    /// <summary>A setting, as text: a float attribute would round it.</summary>
    public static AttributeProto Exact(string name, double value) => OnnxAttribute.String(name, value.ToString("R", CultureInfo.InvariantCulture));
}
