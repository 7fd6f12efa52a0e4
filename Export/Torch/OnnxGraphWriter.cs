using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>Turns a network into an ONNX model whose weights are still torch's.</summary>
internal sealed class OnnxGraphWriter
{
    public const string InputName = "input";
    public const string ScoreName = "Score";
    public const string LogitsName = "Logits";
    private const string Batch = "batch";

    private readonly NetworkSteps _network;
    private readonly OnnxValue?[] _values;

    private OnnxGraphWriter(nn.Module<Tensor, Tensor> network, OnnxExportOptions options, CancellationToken cancellationToken)
    {
        Options = options;
        CancellationToken = cancellationToken;
        Graph = new OnnxGraphBuilder(network.GetType().Name);
        _network = new NetworkSteps(network, options.Handlers, _ => options.FoldBatchNorm);
        _values = new OnnxValue?[_network.Steps.Count];
    }

    public OnnxExportOptions Options { get; }

    public CancellationToken CancellationToken { get; }

    public OnnxGraphBuilder Graph { get; }

    /// <summary>Initializers by the tensors they were made of.</summary>
    public Dictionary<Tensor, string> Weights { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Builds the model; touches neither the network's weights nor the disk.</summary>
    /// <exception cref="OnnxExportException">
    /// Unknown modules (all of them), a setting without counterpart, a feature that is no module, or a wrong number of labels.
    /// </exception>
    public static OnnxModel Build(nn.Module<Tensor, Tensor> network, OnnxExportOptions options, CancellationToken cancellationToken)
        => new OnnxGraphWriter(network, options, cancellationToken).Build();

    /// <summary>The name of a step's result in the graph, unless the step vanishes.</summary>
    public static string ResultName(NetworkSteps network, int step, bool logits)
        => step == network.Softmax ? ScoreName : logits && step == network.Logits ? LogitsName : network.Steps[step].Path;

    /// <summary>Whether a tensor's shape stands with the graph's outputs.</summary>
    public bool IsOutput(string name)
        => name == ScoreName || (name == LogitsName && Options.Logits) || Options.Features.Contains(name, StringComparer.Ordinal);

    private OnnxModel Build()
    {
        RefuseUnknown();
        RefuseReserved();
        int side = Options.Preprocessing.CropSide;
        Graph.AddInput(InputName, DataType.Float, Batch, 3, side, side);
        var input = new OnnxValue(InputName, [3, side, side]);
        for (int i = 0; i < _values.Length; i++)
        {
            var context = new OnnxModuleContext(this, _network.Steps[i], ResultName(_network, i, Options.Logits));
            _values[i] = Options.Handlers.Export(_network.Steps[i].Module, [.. _network.Steps[i].Inputs.Select(step => ValueOf(step, input))], context);
        }

        AddScore(ValueOf(_network.Result, input));
        AddLogits(ValueOf(_network.Softmax < 0 ? _network.Result : _network.Steps[_network.Softmax].Inputs[0], input));
        AddFeatures();
        return Graph.Build(Options.Opset, metadata: Metadata(Options));
    }

    private OnnxValue ValueOf(int step, OnnxValue input) => step < 0 ? input : _values[step]!;

    private void AddScore(OnnxValue value)
    {
        if (value.RowShape.Count != 1)
        {
            throw new OnnxExportException(
                $"The network's result is {value}, but scores have the shape [batch, classes]; end the network with a Flatten and a Linear layer.");
        }

        long classes = value.RowShape[0];
        if (classes != Options.Labels.Count)
        {
            throw new OnnxExportException(
                $"{Options.Labels.Count} labels were given for a network of {classes} outputs; give one label per output.");
        }

        if (value.Name != ScoreName)
        {
            Graph.AddNode("Softmax", [value.Name], [ScoreName], OnnxAttribute.Int("axis", 1));
        }

        Graph.AddOutput(ScoreName, DataType.Float, Batch, classes);
    }

    private void AddLogits(OnnxValue value)
    {
        if (!Options.Logits)
        {
            return;
        }

        if (value.Name != LogitsName)
        {
            Graph.AddNode("Identity", [value.Name], [LogitsName]);
        }

        Graph.AddOutput(LogitsName, DataType.Float, Batch, value.RowShape[0]);
    }

    private void AddFeatures()
    {
        foreach (string path in Options.Features)
        {
            OnnxValue? value = _values.FirstOrDefault(value => value!.Name == path);
            if (value is null)
            {
                IEnumerable<string> known = _values.Select(value => value!.Name).Where(name => name != ScoreName && name != InputName).Distinct();
                throw new OnnxExportException($"No tensor of the exported network is called '{path}'; features are taken from {string.Join(", ", known)}.");
            }

            Graph.AddOutput(path, DataType.Float, [Batch, .. value.RowShape.Select(length => (OnnxDimension)length)]);
        }
    }

    private void RefuseUnknown()
    {
        UnsupportedModule[] unknown =
        [
            .. _network.Steps.Where(s => !Options.Handlers.Knows(s.Module.GetType())).Select(s => new UnsupportedModule(s.Path, s.Module.GetType().ToString())),
        ];
        if (unknown.Length > 0)
        {
            throw new OnnxExportException(unknown);
        }
    }

    private void RefuseReserved()
    {
        for (int i = 0; i < _network.Steps.Count; i++)
        {
            string path = _network.Steps[i].Path;
            bool reserved = path == InputName || (path == ScoreName && i != _network.Softmax) || (path == LogitsName && Options.Logits && i != _network.Logits);
            if (reserved)
            {
                throw new OnnxExportException(
                    $"A module of the network is named '{path}', as the graph's own {(path == InputName ? "input" : "output")} is; give it another name.");
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
