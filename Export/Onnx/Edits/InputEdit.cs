using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>Changes to what a graph takes.</summary>
public static class InputEdit
{
    /// <summary>Gives the only input another name.</summary>
    /// <param name="model">A model with one input.</param>
    /// <param name="name">The new name, which nothing has yet.</param>
    /// <exception cref="OnnxFormatException">There are several inputs, or the graph cannot be edited.</exception>
    public static OnnxModel Rename(OnnxModel model, string name)
    {
        var edit = new GraphEdit(model);
        ValueInfoProto input = Only(edit);
        string before = input.Name;
        input.Name = name;
        foreach (NodeProto node in edit.Graph.Node)
        {
            GraphEdit.Replace(node.Input, before, name);
        }

        return edit.ToModel();
    }

    /// <summary>Lets a network of pixels, uint8 <c>[batch, crop, crop, 3]</c>, take the square around its window and cut the window itself.</summary>
    /// <param name="model">Such a network.</param>
    /// <param name="numbers">Where the window lies.</param>
    /// <exception cref="OnnxFormatException">The graph cannot be edited.</exception>
    public static OnnxModel CutWindow(OnnxModel model, PictureNumbers numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        var edit = new GraphEdit(model);
        ValueInfoProto input = Only(edit);
        OnnxDimension batch = GraphEdit.Axes(input)[0];
        string window = input.Name, square = edit.Fresh($"{window}.square");
        edit.Graph.Input.Clear();
        edit.Graph.Input.Add(GraphEdit.Info(square, DataType.Uint8, [batch, numbers.Side, numbers.Side, 3]));
        int start = numbers.CentreStart, end = start + numbers.CropSide;
        var chain = new NodeChain(edit, square, batch);
        chain.Slice("window", DataType.Uint8, [numbers.CropSide, numbers.CropSide, 3], axes: [1, 2], starts: [start, start], ends: [end, end]);
        edit.Prepend(chain.Finish(window));
        return edit.ToModel();
    }

    private static ValueInfoProto Only(GraphEdit edit)
    {
        ValueInfoProto[] inputs = [.. edit.Graph.Input.Where(input => edit.Initializer(input.Name) is null)];
        return inputs.Length == 1 ? inputs[0] : throw new OnnxFormatException($"The network has {inputs.Length} inputs; a picture goes into one.");
    }
}
