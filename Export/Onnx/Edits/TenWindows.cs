using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// The ten windows of section 4.1 inside a graph: four corners and the centre, then their mirror images, one window after the other along the
/// batch, and the mean over them behind the network.
/// </summary>
internal static class TenWindows
{
    private const int Windows = 10;

    /// <summary>Cuts the windows out of a normalised square; mirroring comes after the mean image is subtracted, as in training.</summary>
    public static void Cut(NodeChain chain, PictureNumbers numbers)
    {
        int crop = numbers.CropSide, far = numbers.Side - crop, centre = numbers.CentreStart;
        string square = chain.Value;
        var windows = new List<string>();
        foreach ((string name, int left, int top) in (ReadOnlySpan<(string, int, int)>)
        [
            ("top_left", 0, 0), ("top_right", far, 0), ("bottom_left", 0, far), ("bottom_right", far, far), ("centre", centre, centre),
        ])
        {
            chain.Value = square;
            windows.Add(chain.Slice(name, DataType.Float, [3, crop, crop], axes: [2, 3], starts: [top, left], ends: [top + crop, left + crop]));
        }

        chain.Batch = OnnxDimension.Dynamic("five_windows");
        chain.Value = windows[0];
        string five = chain.Then("Concat", "five", DataType.Float, [3, crop, crop], windows.Skip(1), OnnxAttribute.Int("axis", 0));
        string mirrored = chain.Slice("mirrored", DataType.Float, [3, crop, crop], axes: [3], starts: [-1], ends: [long.MinValue + 1], steps: [-1]);
        chain.Batch = OnnxDimension.Dynamic("windows");
        chain.Value = five;
        chain.Then("Concat", "ten", DataType.Float, [3, crop, crop], [mirrored], OnnxAttribute.Int("axis", 0));
    }

    /// <summary>Puts the mean over the windows behind every output.</summary>
    /// <exception cref="OnnxFormatException">An output is not float32 with a first axis for the batch and fixed ones behind it.</exception>
    public static void AverageOutputs(GraphEdit edit, OnnxDimension batch)
    {
        foreach (TensorShapeProto.Types.Dimension axis in edit.Graph.ValueInfo.SelectMany(v => v.Type?.TensorType?.Shape?.Dim ?? []))
        {
            if (axis.DimParam == batch.Name)
            {
                axis.DimParam = "windows";
            }
        }

        foreach (ValueInfoProto output in edit.Graph.Output)
        {
            OnnxDimension[] axes = GraphEdit.Axes(output);
            if (output.Type?.TensorType?.ElemType != (int)DataType.Float || axes.Length < 2 || axes.Skip(1).Any(a => a.Length is null))
            {
                throw new OnnxFormatException(
                    $"The output '{output.Name}' is not float32 with a batch and axes of fixed length; a mean over ten windows needs that.");
            }

            string name = output.Name, windows = edit.Fresh($"{name}.windows"), each = edit.Fresh($"{name}.each");
            edit.Rename(name, windows);
            OnnxDimension[] row = axes[1..];
            edit.Graph.ValueInfo.Add(GraphEdit.Info(windows, DataType.Float, ["windows", .. row]));
            edit.Graph.ValueInfo.Add(GraphEdit.Info(each, DataType.Float, [Windows, axes[0], .. row]));
            string shape = edit.Constant($"{name}.shape", new long[] { Windows, -1 }.Concat(row.Select(a => a.Length!.Value)).ToArray());
            edit.Graph.Node.Add(GraphEdit.Node("Reshape", [windows, shape], each));

            // Axes moved from the attributes to the inputs in operator set 18.
            edit.Graph.Node.Add(edit.Opset >= 18
                ? GraphEdit.Node("ReduceMean", [each, edit.Constant($"{name}.axes", new long[] { 0 })], name, OnnxAttribute.Int("keepdims", 0))
                : GraphEdit.Node("ReduceMean", [each], name, OnnxAttribute.Ints("axes", 0), OnnxAttribute.Int("keepdims", 0)));
        }
    }
}
