using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// A network whose convolutions and products compute in eight bits: QuantizeLinear and DequantizeLinear around them (QDQ), which ONNX Runtime joins
/// with them into integer kernels. Activations are unsigned bytes over the ranges that were seen on real pictures, weights signed bytes with a scale
/// for each output channel, biases 32-bit integers. Local response normalisation and everything else between layers stays float32: its squares do not fit eight bits.
/// The logits are float32, too.
/// </summary>
public static class EightBitGraph
{
    /// <summary>The tensors whose ranges a conversion needs.</summary>
    /// <param name="model">A float32 model.</param>
    public static IReadOnlyList<string> Tensors(OnnxModel model) => [.. new EightBitPlan(new GraphEdit(model)).Points.Values.Distinct(StringComparer.Ordinal)];

    /// <summary>The same model with tensors of its inside as outputs, for finding their ranges.</summary>
    /// <param name="model">A float32 model.</param>
    /// <param name="tensors">Names; those that are inputs or outputs are left out.</param>
    public static OnnxModel Watch(OnnxModel model, IEnumerable<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var edit = new GraphEdit(model);
        foreach (string tensor in tensors.Where(tensor => !edit.IsOutput(tensor) && edit.Graph.Input.All(input => input.Name != tensor)))
        {
            edit.Graph.Output.Add(Find(edit, tensor) ?? new ValueInfoProto { Name = tensor, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        }

        return edit.ToModel();
    }

    /// <summary>The model in eight bits.</summary>
    /// <param name="model">A float32 model.</param>
    /// <param name="ranges">Of all <see cref="Tensors"/>.</param>
    /// <returns>A model over the same sources: weights are rounded while the file is written.</returns>
    /// <exception cref="OnnxFormatException">There is no layer that could compute in eight bits, or a weight is not finite.</exception>
    /// <exception cref="ArgumentException">A range is missing.</exception>
    public static OnnxModel Convert(OnnxModel model, IReadOnlyDictionary<string, TensorRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var edit = new GraphEdit(model);
        var plan = new EightBitPlan(edit);
        if (plan.Layers.Count == 0)
        {
            throw new OnnxFormatException("The network has no convolution and no product with stored float32 weights: nothing of it would compute in eight bits.");
        }

        if (plan.Points.Values.FirstOrDefault(tensor => !ranges.ContainsKey(tensor)) is { } missing)
        {
            throw new ArgumentException($"There is no range for the tensor '{missing}'.", nameof(ranges));
        }

        var stored = new List<NodeProto>();
        var weights = new Dictionary<string, EightBitWeights>(StringComparer.Ordinal);
        foreach (NodeProto layer in plan.Layers)
        {
            StoreLayer(edit, layer, ranges[plan.Points[layer.Input[0]]].Scale, weights, stored);
        }

        NodeProto[] nodes = [.. edit.Graph.Node];
        var inserted = new Dictionary<NodeProto, NodeProto[]>(ReferenceEqualityComparer.Instance);
        var parameters = new Dictionary<string, (string Scale, string ZeroPoint)>(StringComparer.Ordinal);
        var first = new List<NodeProto>();
        foreach ((string tensor, string root) in plan.Points)
        {
            if (!parameters.TryGetValue(root, out (string, string) numbers))
            {
                parameters.Add(root, numbers = StoreRange(edit, root, ranges[root]));
            }

            NodeProto? producer = edit.Producer(tensor);
            // ONNX Runtime moves the rounding in front of a pooling, whose kernel for bytes takes twenty times as long unless an eight-bit layer comes
            // before it. It does not see through a rectifier; that changes nothing, since bytes whose zero stands for 0 hold nothing below.
            bool stop = root == tensor && ranges[root].ZeroPoint == 0 && producer is { OpType: "MaxPool" };
            NodeProto[] pair = HoldInBytes(edit, tensor, producer, numbers, nodes, stop);
            if (producer is null)
            {
                first.AddRange(pair);
            }
            else
            {
                inserted.Add(producer, pair);
            }
        }

        edit.Graph.Node.Clear();
        edit.Graph.Node.AddRange([.. stored, .. first, .. nodes.SelectMany(node => (NodeProto[])[node, .. inserted.GetValueOrDefault(node, [])])]);
        HashSet<string> read = [.. edit.Graph.Node.SelectMany(node => node.Input)];
        edit.Initializers.RemoveAll(initializer => !read.Contains(initializer.Name));
        return edit.ToModel();
    }

    // Readers keep the tensor's name, which is now what comes out of the bytes; the real values get another. An input cannot be renamed.
    private static NodeProto[] HoldInBytes(GraphEdit edit, string tensor, NodeProto? producer, (string Scale, string ZeroPoint) numbers, NodeProto[] nodes, bool stop)
    {
        ValueInfoProto? info = Find(edit, tensor);
        OnnxDimension[] axes = info is null ? [] : GraphEdit.Axes(info);
        string real = tensor, bytes = edit.Fresh($"{tensor}.u8"), held = tensor;
        if (producer is null)
        {
            held = edit.Fresh($"{tensor}.held");
            Array.ForEach(nodes, node => GraphEdit.Replace(node.Input, tensor, held));
            Describe(held, DataType.Float);
        }
        else
        {
            real = edit.Fresh($"{tensor}.fp32");
            GraphEdit.Replace(producer.Output, tensor, real);
            Describe(real, DataType.Float);
        }

        var made = new List<NodeProto>();
        if (stop)
        {
            string rectified = edit.Fresh($"{tensor}.rectified");
            Describe(rectified, DataType.Float);
            made.Add(GraphEdit.Node("Relu", [real], rectified));
            real = rectified;
        }

        Describe(bytes, DataType.Uint8);
        return
        [
            .. made,
            GraphEdit.Node("QuantizeLinear", [real, numbers.Scale, numbers.ZeroPoint], bytes),
            GraphEdit.Node("DequantizeLinear", [bytes, numbers.Scale, numbers.ZeroPoint], held),
        ];

        void Describe(string name, DataType type)
        {
            if (axes.Length > 0)
            {
                edit.Graph.ValueInfo.Add(GraphEdit.Info(name, type, axes));
            }
        }
    }

    private static (string Scale, string ZeroPoint) StoreRange(GraphEdit edit, string tensor, TensorRange range)
    {
        string zero = edit.Fresh($"{tensor}.zero_point");
        edit.Initializers.Add(OnnxTensor.Create(zero, DataType.Uint8, [], new[] { range.ZeroPoint }));
        return (edit.Constant($"{tensor}.scale", [], new[] { range.Scale }), zero);
    }

    // The weight's and bias's names are those of what comes out of the integers, so that the layer itself stays as it is.
    private static void StoreLayer(GraphEdit edit, NodeProto layer, float inputScale, Dictionary<string, EightBitWeights> weights, List<NodeProto> stored)
    {
        int axis = EightBitPlan.OutputAxis(layer);
        string weight = layer.Input[1];
        float[] bias = layer.Input.Count > 2 ? ProtoTensor.Floats(edit.Initializer(layer.Input[2])!) : [];
        if (!weights.TryGetValue(weight, out EightBitWeights? bytes))
        {
            IOnnxTensorSource source = edit.Initializer(weight)!;
            bytes = new EightBitWeights(edit.Fresh($"{weight}.s8"), source, axis, bias, inputScale);
            weights.Add(weight, bytes);
            string held = edit.Fresh($"{weight}.held");
            edit.Initializers.Add(bytes);
            Dequantize(held, bytes.Name, bytes.Scales, DataType.Int8, axis, source.Dimensions);
            foreach (NodeProto reader in edit.Graph.Node.Where(node => node.Input.Count > 1 && node.Input[1] == weight))
            {
                reader.Input[1] = held;
            }

            weights.Add(held, bytes);
        }

        if (bias.Length > 0)
        {
            string held = edit.Fresh($"{layer.Input[2]}.held"), integers = edit.Fresh($"{layer.Input[2]}.s32");
            edit.Initializers.Add(OnnxTensor.Create(integers, DataType.Int32, [bias.Length], MemoryMarshal.AsBytes(bytes.Bias(bias, inputScale).AsSpan()).ToArray()));
            Dequantize(held, integers, Array.ConvertAll(bytes.Scales, scale => scale * inputScale), DataType.Int32, 0, [bias.Length]);
            layer.Input[2] = held;
        }

        void Dequantize(string name, string integers, float[] scales, DataType type, int along, IReadOnlyList<long> shape)
        {
            List<string> inputs = [integers, edit.Constant($"{integers}.scale", [scales.Length], scales)];
            if (type == DataType.Int8)
            {
                // The type's default; runtimes look for it beside the bytes.
                inputs.Add(edit.Fresh($"{integers}.zero_point"));
                edit.Initializers.Add(OnnxTensor.Create(inputs[^1], type, [scales.Length], new byte[scales.Length]));
            }

            edit.Graph.ValueInfo.Add(GraphEdit.Info(name, DataType.Float, [.. shape.Select(OnnxDimension.Fixed)]));
            stored.Add(GraphEdit.Node("DequantizeLinear", inputs, name, OnnxAttribute.Int("axis", along)));
        }
    }

    private static ValueInfoProto? Find(GraphEdit edit, string tensor)
        => edit.Graph.ValueInfo.Concat(edit.Graph.Output).Concat(edit.Graph.Input).FirstOrDefault(info => info.Name == tensor)?.Clone();
}
