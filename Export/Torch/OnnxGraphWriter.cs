using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>Turns a network into an ONNX model whose weights are still torch's.</summary>
internal static class OnnxGraphWriter
{
    public const string InputName = "input";
    public const string ScoreName = "Score";

    /// <summary>Builds the model; touches neither the network's weights nor the disk.</summary>
    /// <exception cref="OnnxExportException">
    /// Unknown modules (all of them), a setting without counterpart, or a wrong number of labels.
    /// </exception>
    public static OnnxModel Build(nn.Module<Tensor, Tensor> network, OnnxExportOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModuleStep> steps = ModuleTree.Flatten(network, options.Handlers);
        RefuseUnknown(steps, options.Handlers);

        int side = options.Preprocessing.CropSide;
        var graph = new OnnxGraphBuilder(network.GetType().Name);
        graph.AddInput(InputName, DataType.Float, "batch", 3, side, side);
        var value = new OnnxValue(InputName, [3, side, side]);
        int softmax = ModuleTree.SoftmaxIndex(steps);
        RefuseReserved(steps, softmax);
        for (int i = 0; i < steps.Count; i++)
        {
            string result = i == softmax ? ScoreName : steps[i].Path;
            value = options.Handlers.Export(
                steps[i].Module, value, new OnnxModuleContext(graph, steps[i], result, options.Opset, cancellationToken));
        }

        if (value.RowShape.Count != 1)
        {
            throw new OnnxExportException(
                $"The network's result is {value}, but scores have the shape [batch, classes]; end the network with a Flatten and a Linear layer.");
        }

        long classes = value.RowShape[0];
        if (classes != options.Labels.Count)
        {
            throw new OnnxExportException(
                $"{options.Labels.Count} labels were given for a network of {classes} outputs; give one label per output.");
        }

        if (value.Name != ScoreName)
        {
            graph.AddNode("Softmax", [value.Name], [ScoreName], OnnxAttribute.Int("axis", 1));
        }

        graph.AddOutput(ScoreName, DataType.Float, "batch", classes);
        return graph.Build(options.Opset, OnnxGraphBuilder.DefaultIrVersion, Metadata(options));
    }

    private static void RefuseUnknown(IReadOnlyList<ModuleStep> steps, OnnxHandlerRegistry handlers)
    {
        UnsupportedModule[] unknown =
        [
            .. steps.Where(s => !handlers.Knows(s.Module.GetType())).Select(s => new UnsupportedModule(s.Path, s.Module.GetType().ToString())),
        ];
        if (unknown.Length > 0)
        {
            throw new OnnxExportException(unknown);
        }
    }

    private static void RefuseReserved(IReadOnlyList<ModuleStep> steps, int softmax)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i].Path == InputName || (steps[i].Path == ScoreName && i != softmax))
            {
                throw new OnnxExportException(
                    $"A module of the network is named '{steps[i].Path}', as the graph's own {(steps[i].Path == InputName ? "input" : "output")} is; "
                    + "give it another name.");
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(OnnxExportOptions options)
    {
        var own = new OnnxImageModelMetadata
        {
            Labels = options.Labels,
            PreprocessingJson = options.Preprocessing.ToJson(),
            Decoder = options.Decoder ?? ImageDecoders.Default.Name,
        };

        // Sorted, so that two exports of the same network are the same bytes.
        return own.ToDictionary().Concat(options.Metadata ?? new Dictionary<string, string>()).OrderBy(e => e.Key, StringComparer.Ordinal);
    }
}
