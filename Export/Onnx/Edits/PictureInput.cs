using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// Puts an image network's preprocessing into its graph: the file takes decoded pixels, uint8 <c>[batch, height, width, 3]</c>, as every decoder
/// makes them. The float32 operations and their order are those of scoring, so that both give the same bits.
/// </summary>
public static class PictureInput
{
    /// <summary>The input's name in the edited graph.</summary>
    public const string InputName = "pixels";

    /// <summary>The network with its preprocessing inside.</summary>
    /// <param name="model">A network with one input, float32 <c>[batch, 3, crop, crop]</c>.</param>
    /// <param name="numbers">What happens to a sample and where windows lie.</param>
    /// <param name="form">What the file takes.</param>
    /// <returns>
    /// A model over the same weights. With <see cref="OnnxInputForm.TenCrop"/> every output is the mean over a picture's ten windows.
    /// </returns>
    /// <exception cref="OnnxFormatException">The network's input or outputs are others.</exception>
    /// <exception cref="ArgumentException">A number is outside its range.</exception>
    public static OnnxModel Add(OnnxModel model, PictureNumbers numbers, OnnxInputForm form)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        numbers.Validate();
        if (form is not (OnnxInputForm.Window or OnnxInputForm.Square or OnnxInputForm.TenCrop))
        {
            throw new ArgumentOutOfRangeException(nameof(form), form, "The form is Window, Square or TenCrop; Tensor is what the network has already.");
        }

        var edit = new GraphEdit(model);
        ValueInfoProto input = Input(edit, numbers.CropSide);
        string network = input.Name, pixels = edit.Fresh(InputName);
        OnnxDimension batch = GraphEdit.Axes(input)[0];
        int side = form == OnnxInputForm.Window ? numbers.CropSide : numbers.Side;
        edit.Graph.Input.Clear();
        edit.Graph.Input.Add(GraphEdit.Info(pixels, DataType.Uint8, [batch, side, side, 3]));
        if (form == OnnxInputForm.TenCrop)
        {
            TenWindows.AverageOutputs(edit, batch);
        }

        // The last node takes over the name of the network's input, so that no other node changes.
        var chain = new NodeChain(edit, pixels, batch);
        Normalize(chain, numbers, form);
        if (form == OnnxInputForm.TenCrop)
        {
            TenWindows.Cut(chain, numbers);
        }

        edit.Prepend(chain.Finish(network));
        return edit.ToModel();
    }

    // Bytes are moved before they become floats, which are four times as long.
    private static void Normalize(NodeChain chain, PictureNumbers numbers, OnnxInputForm form)
    {
        int start = form == OnnxInputForm.TenCrop ? 0 : numbers.CentreStart, side = form == OnnxInputForm.TenCrop ? numbers.Side : numbers.CropSide;
        if (form == OnnxInputForm.Square && numbers.Side != numbers.CropSide)
        {
            chain.Slice("window", DataType.Uint8, [side, side, 3], axes: [1, 2], starts: [start, start], ends: [start + side, start + side]);
        }

        chain.Then("Transpose", "planes", DataType.Uint8, [3, side, side], [], OnnxAttribute.Ints("perm", 0, 3, 1, 2));
        if (numbers.BlueFirst)
        {
            chain.Then("Gather", "bgr", DataType.Uint8, [3, side, side], [chain.Constant("order", [2, 1, 0])], OnnxAttribute.Int("axis", 1));
        }

        void Float(string opType, string name, string other) => chain.Then(opType, name, DataType.Float, [3, side, side], [other]);

        // (sample × factor − mean) / deviation. Subtracting zero and dividing by one change nothing and are left out.
        chain.Then("Cast", "float", DataType.Float, [3, side, side], [], OnnxAttribute.Int("to", (long)DataType.Float));
        Float("Mul", "scaled", chain.Constant("factor", [], [numbers.RescaleFactor]));
        if (numbers.MeanImage is { } image)
        {
            Float("Sub", "centred", chain.Constant("mean", [1, 3, side, side], numbers.MeanWindow(image.Span, start, side)));
        }
        else if (numbers.Mean.Any(m => m != 0))
        {
            Float("Sub", "centred", chain.Constant("mean", [1, 3, 1, 1], numbers.InOrder(numbers.Mean)));
        }

        if (numbers.Deviation.Any(d => d != 1))
        {
            Float("Div", "normal", chain.Constant("deviation", [1, 3, 1, 1], numbers.InOrder(numbers.Deviation)));
        }
    }

    private static ValueInfoProto Input(GraphEdit edit, int crop)
    {
        ValueInfoProto[] inputs = [.. edit.Graph.Input.Where(i => edit.Initializer(i.Name) is null)];
        if (inputs.Length == 1 && inputs[0].Type?.TensorType is { ElemType: (int)DataType.Float })
        {
            OnnxDimension[] axes = GraphEdit.Axes(inputs[0]);
            if (axes.Length == 4 && axes[1].Length == 3 && axes[2].Length == crop && axes[3].Length == crop && axes[0].Length is null)
            {
                return inputs[0];
            }
        }

        throw new OnnxFormatException(
            $"The network has {inputs.Length} inputs or one that is not float32 [batch, 3, {crop}, {crop}]; preprocessing goes before such an input only.");
    }
}
