using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp;
using static TorchSharp.torch;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>What a handler writes its module's nodes with. Names follow from the module's path, shapes are stated on every edge.</summary>
public sealed class OnnxModuleContext
{
    private const string Batch = "batch";

    private readonly OnnxGraphWriter _writer;
    private readonly nn.Module _module;
    private readonly string _resultName;

    internal OnnxModuleContext(OnnxGraphWriter writer, ModuleStep step, string resultName)
    {
        _writer = writer;
        _module = step.Module;
        _resultName = resultName;
        Path = step.Path;
    }

    /// <summary>Where the module stands in the network, <c>features.conv1</c>. Also the name of its result in the graph.</summary>
    public string Path { get; }

    /// <summary>The operator set the file will declare.</summary>
    public int Opset => _writer.Options.Opset;

    /// <summary>Whether local response normalisation is wanted as the LRN operator where that can say it (<see cref="OnnxExportOptions.LrnNode"/>).</summary>
    public bool UseLrnNode => _writer.Options.LrnNode;

    /// <summary>
    /// Adds a weight as the initializer <c>path.name</c>. Its bytes are read when the file is written, not now. A tensor that another
    /// module, or this one elsewhere, has added already is not added again.
    /// </summary>
    /// <param name="name">The weight's name within the module.</param>
    /// <param name="tensor">A float32 tensor on any device.</param>
    /// <returns>The initializer's name.</returns>
    /// <exception cref="OnnxExportException">The tensor is not float32.</exception>
    public string Weight(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != ScalarType.Float32)
        {
            throw Refuse($"its {name} holds {tensor.dtype} numbers, but only Float32 is exported; convert the network to Float32 first");
        }

        if (_writer.Weights.TryGetValue(tensor, out string? shared))
        {
            return shared;
        }

        _writer.Weights.Add(tensor, Add(new TorchTensorSource(Name($".{name}"), tensor, _writer.CancellationToken)));
        return Name($".{name}");
    }

    /// <summary>Adds float32 constants as the initializer <c>path.name</c>.</summary>
    /// <param name="name">The constant's name within the module.</param>
    /// <param name="dimensions">Lengths of the axes; empty for a scalar.</param>
    /// <param name="values">Row-major elements.</param>
    /// <returns>The initializer's name.</returns>
    public string Constant(string name, IReadOnlyList<long> dimensions, ReadOnlyMemory<float> values)
        => Add(OnnxTensor.Create(Name($".{name}"), dimensions, values));

    /// <summary>Adds a list of int64 constants as the initializer <c>path.name</c>.</summary>
    /// <param name="name">The constant's name within the module.</param>
    /// <param name="values">The list.</param>
    /// <returns>The initializer's name.</returns>
    public string Constant(string name, params long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Add(OnnxTensor.Create(Name($".{name}"), [values.Length], values));
    }

    /// <summary>
    /// Adds the node that makes the module's result; node and tensor bear the module's path. Once in a module, as its last node.
    /// </summary>
    /// <param name="opType">The operator of the standard ONNX set.</param>
    /// <param name="inputs">Names of tensors and initializers.</param>
    /// <param name="rowShape">The result's axes after <c>batch</c>.</param>
    /// <param name="attributes">Attributes made by <see cref="OnnxAttribute"/>.</param>
    /// <returns>The result.</returns>
    public OnnxValue Result(
        string opType, IReadOnlyList<string> inputs, IReadOnlyList<long> rowShape, params IReadOnlyList<AttributeProto> attributes)
        => Node(_resultName, opType, inputs, rowShape, attributes);

    /// <summary>
    /// Adds a node in front of the result, for modules that one operator cannot say; node and tensor are named <c>path/suffix</c>.
    /// </summary>
    /// <param name="suffix">What tells it from the module's other nodes.</param>
    /// <param name="opType">The operator of the standard ONNX set.</param>
    /// <param name="inputs">Names of tensors and initializers.</param>
    /// <param name="rowShape">The tensor's axes after <c>batch</c>.</param>
    /// <param name="attributes">Attributes made by <see cref="OnnxAttribute"/>.</param>
    /// <returns>The tensor in between.</returns>
    public OnnxValue Helper(
        string suffix, string opType, IReadOnlyList<string> inputs, IReadOnlyList<long> rowShape, params IReadOnlyList<AttributeProto> attributes)
        => Node($"{Path}/{suffix}", opType, inputs, rowShape, attributes);

    /// <summary>
    /// Adds a node over initializers alone, which brings a weight into the form that an operator wants; runtimes compute it once, when they
    /// load the file. Node and tensor are named <c>path/suffix</c>.
    /// </summary>
    /// <param name="suffix">What tells it from the module's other nodes.</param>
    /// <param name="opType">The operator of the standard ONNX set.</param>
    /// <param name="inputs">Names of initializers.</param>
    /// <param name="shape">All axes of the tensor; it has no batch.</param>
    /// <param name="attributes">Attributes made by <see cref="OnnxAttribute"/>.</param>
    /// <returns>The tensor's name.</returns>
    public string Prepared(
        string suffix, string opType, IReadOnlyList<string> inputs, IReadOnlyList<long> shape, params IReadOnlyList<AttributeProto> attributes)
    {
        string name = $"{Path}/{suffix}";
        RequireFree(name);
        _writer.Graph.AddNode(opType, inputs, [name], attributes);
        _writer.Graph.AddValueInfo(name, DataType.Float, [.. shape.Select(length => (OnnxDimension)length)]);
        return name;
    }

    /// <summary>The axes of a batch of pictures, <c>[batch, channels, height, width]</c>.</summary>
    /// <param name="input">The module's input.</param>
    /// <exception cref="OnnxExportException">The input has another number of axes.</exception>
    public (long Channels, long Height, long Width) Picture(OnnxValue input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.RowShape.Count == 3
            ? (input.RowShape[0], input.RowShape[1], input.RowShape[2])
            : throw Refuse($"it takes pictures of shape [batch, channels, height, width], but receives {input}");
    }

    /// <summary>The error about a setting of the module that has no counterpart in the file; throw it.</summary>
    /// <param name="reason">
    /// What was found, what is allowed, what to do; it continues <c>features.conv1 (Conv2d) cannot be exported:</c>.
    /// </param>
    public OnnxExportException Refuse(string reason) => new($"{Path} ({_module.GetType().Name}) cannot be exported: {reason}.");

    private OnnxValue Node(
        string name, string opType, IReadOnlyList<string> inputs, IReadOnlyList<long> rowShape, IReadOnlyList<AttributeProto> attributes)
    {
        if (rowShape.Any(length => length < 1))
        {
            throw Refuse(
                $"its result would have the shape [batch, {string.Join(", ", rowShape)}]; the picture is too small for the layers before it");
        }

        RequireFree(name);
        _writer.Graph.AddNode(opType, inputs, [name], attributes);
        if (!_writer.IsOutput(name))
        {
            _writer.Graph.AddValueInfo(name, DataType.Float, [Batch, .. rowShape.Select(length => (OnnxDimension)length)]);
        }

        return new OnnxValue(name, rowShape);
    }

    private string Add(IOnnxTensorSource source)
    {
        RequireFree(source.Name);
        _writer.Graph.AddInitializer(source);
        return source.Name;
    }

    private string Name(string suffix) => Path + suffix;

    private void RequireFree(string name)
    {
        if (_writer.Graph.Contains(name))
        {
            throw Refuse($"the graph has a tensor named '{name}' already; give the module another name");
        }
    }
}
