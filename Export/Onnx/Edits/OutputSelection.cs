using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>A tensor that a graph is to give out.</summary>
/// <param name="Tensor">A float32 tensor that a node makes, <c>[batch, ...]</c>.</param>
/// <param name="Name">The output's name.</param>
/// <param name="Length">Numbers of one row.</param>
public sealed record SelectedOutput(string Tensor, string Name, long Length);

/// <summary>A graph that computes chosen tensors and nothing else: what they do not need is left out, weights included.</summary>
public static class OutputSelection
{
    /// <summary>Makes tensors the only outputs, each as <c>[batch, length]</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="outputs">What it is to give out, in this order; at least one.</param>
    /// <returns>A model over the same weights.</returns>
    /// <exception cref="OnnxFormatException">No node makes such a tensor, or the graph cannot be edited.</exception>
    public static OnnxModel Select(OnnxModel model, params IReadOnlyList<SelectedOutput> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var edit = new GraphEdit(model);
        OnnxDimension[] input = GraphEdit.Axes(edit.Graph.Input.First(i => edit.Initializer(i.Name) is null));
        OnnxDimension batch = input.Length > 0 && input[0].Name is not null ? input[0] : "batch";
        ValueInfoProto[] before = [.. edit.Graph.Output];
        edit.Graph.Output.Clear();
        foreach (SelectedOutput output in outputs)
        {
            if (edit.Producer(output.Tensor) is null)
            {
                throw new OnnxFormatException($"No node of the graph makes a tensor '{output.Tensor}'.");
            }

            ValueInfoProto? same = before.FirstOrDefault(o => o.Name == output.Name && o.Name == output.Tensor);
            if (same is not null && GraphEdit.Axes(same).Length == 2)
            {
                edit.Graph.Output.Add(same);
                continue;
            }

            string tensor = output.Tensor;
            if (edit.Producer(output.Name) is not null)
            {
                // Whoever has the name already goes by another one inside.
                string inner = edit.Fresh($"{output.Name}.inner");
                edit.Rename(output.Name, inner);
                tensor = tensor == output.Name ? inner : tensor;
            }

            edit.Graph.Node.Add(GraphEdit.Node("Flatten", [tensor], output.Name, OnnxAttribute.Int("axis", 1)));
            edit.Graph.Output.Add(GraphEdit.Info(output.Name, DataType.Float, [batch, output.Length]));
        }

        Prune(edit);
        return edit.ToModel();
    }

    private static void Prune(GraphEdit edit)
    {
        HashSet<string> needed = [.. edit.Graph.Output.Select(output => output.Name)];
        NodeProto[] nodes = [.. edit.Graph.Node];
        var kept = new Stack<NodeProto>();
        for (int i = nodes.Length - 1; i >= 0; i--)
        {
            if (nodes[i].Output.Any(needed.Contains))
            {
                kept.Push(nodes[i]);
                needed.UnionWith(nodes[i].Input);
            }
        }

        edit.Graph.Node.Clear();
        edit.Graph.Node.AddRange(kept);
        edit.Initializers.RemoveAll(initializer => !needed.Contains(initializer.Name));
        TensorProto[] texts = [.. edit.Graph.Initializer.Where(tensor => needed.Contains(tensor.Name))];
        edit.Graph.Initializer.Clear();
        edit.Graph.Initializer.AddRange(texts);
        HashSet<string> made = [.. kept.SelectMany(node => node.Output)];
        ValueInfoProto[] described = [.. edit.Graph.ValueInfo.Where(value => made.Contains(value.Name) && !edit.IsOutput(value.Name))];
        edit.Graph.ValueInfo.Clear();
        edit.Graph.ValueInfo.AddRange(described);
    }
}
