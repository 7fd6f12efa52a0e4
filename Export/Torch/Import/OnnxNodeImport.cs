using System.Globalization;
using System.Runtime.InteropServices;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Google.Protobuf;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// One ONNX node during an import. A builder reads its attributes and inputs and says what module each result is. An attribute that it does not
/// read has a meaning that it does not know: such a node is refused.
/// </summary>
public sealed class OnnxNodeImport
{
    private readonly ImportSession _session;
    private readonly NodeProto _node;
    private readonly string? _path;
    private readonly Dictionary<string, AttributeProto> _unread;
    private bool _pathTaken;

    internal OnnxNodeImport(ImportSession session, NodeProto node, string? path)
    {
        _session = session;
        _node = node;
        _path = path;
        _unread = node.Attribute.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);
    }

    /// <summary>The operator.</summary>
    public string OpType => _node.OpType;

    /// <summary>The version of the operator set.</summary>
    public int Opset => _session.Opset;

    /// <summary>How many inputs it lists; optional ones may be missing in between.</summary>
    public int InputCount => _node.Input.Count;

    /// <summary>How many outputs it lists.</summary>
    public int OutputCount => _node.Output.Count;

    /// <summary>Whether an optional input is there.</summary>
    /// <param name="index">Its place.</param>
    public bool Has(int index) => index < _node.Input.Count && _node.Input[index].Length > 0;

    /// <summary>An input.</summary>
    /// <param name="index">Its place.</param>
    /// <returns>What is known of it.</returns>
    public OnnxImportValue Input(int index)
        => Has(index) ? _session.Find(_node.Input[index])! : throw Refuse($"its input {index} is missing");

    /// <summary>All inputs, none of which may be missing.</summary>
    public IReadOnlyList<OnnxImportValue> Inputs() => [.. Enumerable.Range(0, InputCount).Select(Input)];

    /// <summary>A whole number among the attributes.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="otherwise">The operator's default.</param>
    public long Int(string name, long otherwise) => Attribute(name, AttributeProto.Types.AttributeType.Int) is { } attribute ? attribute.I : otherwise;

    /// <summary>
    /// A number among the attributes. Files hold float32 numbers; the shortest decimal that means the same one is what its writer had: 1e-5, not
    /// 9.99999974737875e-06.
    /// </summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="otherwise">The operator's default.</param>
    public double Float(string name, double otherwise)
        => Attribute(name, AttributeProto.Types.AttributeType.Float) is { } attribute ? Decimal(attribute.F) : otherwise;

    /// <summary>Whole numbers among the attributes; null where the attribute is missing.</summary>
    /// <param name="name">The attribute's name.</param>
    public long[]? Ints(string name) => Attribute(name, AttributeProto.Types.AttributeType.Ints) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>A text among the attributes.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="otherwise">The operator's default.</param>
    public string Text(string name, string otherwise)
        => Attribute(name, AttributeProto.Types.AttributeType.String) is { } attribute ? attribute.S.ToStringUtf8() : otherwise;

    /// <summary>Whether an attribute is there.</summary>
    /// <param name="name">The attribute's name.</param>
    public bool HasAttribute(string name) => _node.Attribute.Any(attribute => attribute.Name == name);

    /// <summary>The whole numbers of a constant, in row-major order.</summary>
    /// <param name="value">An input.</param>
    /// <exception cref="Exception">It is not constant, or depends on the length of an axis that is not known; the node is refused.</exception>
    public long[] Longs(OnnxImportValue value)
    {
        long[] numbers = OpenLongs(value);
        return numbers.Contains(OnnxImportValue.UnknownNumber)
            ? throw Refuse($"its input '{value.Name}' depends on the length of an axis that is not known")
            : numbers;
    }

    /// <summary>The numbers of a constant, in row-major order.</summary>
    /// <param name="value">An input.</param>
    /// <exception cref="Exception">It is not constant; the node is refused.</exception>
    public float[] Floats(OnnxImportValue value)
    {
        float[] numbers = new float[Count(value)];
        Read(value, numbers);
        return numbers;
    }

    /// <summary>The one number of a constant, as its shortest decimal.</summary>
    /// <param name="value">An input.</param>
    /// <exception cref="Exception">It is not constant, or holds more numbers; the node is refused.</exception>
    public double Number(OnnxImportValue value)
        => Count(value) == 1 ? Decimal(Floats(value)[0]) : throw Refuse($"its input '{value.Name}' has {Count(value)} values, but one is expected");

    /// <summary>Copies a constant into a tensor, into a parameter of a new module for example.</summary>
    /// <param name="value">An input with as many values.</param>
    /// <param name="destination">A contiguous float32 tensor on the CPU.</param>
    /// <exception cref="Exception">It is not constant, or of another size; the node is refused.</exception>
    public void Load(OnnxImportValue value, Tensor destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (Count(value) != destination.NumberOfElements)
            throw Refuse($"its input '{value.Name}' has the shape [{string.Join(", ", value.Shape)}], but [{string.Join(", ", destination.shape)}] is expected");
        Read(value, MemoryMarshal.Cast<byte, float>(destination.bytes));
    }

    /// <summary>A constant as a new float32 tensor; the caller owns it.</summary>
    /// <param name="value">An input.</param>
    /// <exception cref="Exception">It is not constant; the node is refused.</exception>
    public Tensor ToTensor(OnnxImportValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Count(value);
        long[] shape = [.. value.Shape];
        Tensor tensor = empty(shape, dtype: ScalarType.Float32);
        Load(value, tensor);
        return tensor;
    }

    /// <summary>Says that a result is what a module makes of the node's first input.</summary>
    /// <param name="module">The module; it is taken over.</param>
    /// <param name="shape">The result's axes, <see cref="OnnxImportValue.Unknown"/> for those not known.</param>
    /// <param name="output">Which result.</param>
    public void Result(nn.Module<Tensor, Tensor> module, IReadOnlyList<long> shape, int output = 0) => Result(module, [Input(0)], shape, output);

    /// <summary>Says that a result is what a module makes of some values.</summary>
    /// <param name="module">A module over one tensor, or a <see cref="Join"/> over several; it is taken over.</param>
    /// <param name="inputs">What it takes, in order. Where all are constant it runs now, and the result is a constant.</param>
    /// <param name="shape">The result's axes, <see cref="OnnxImportValue.Unknown"/> for those not known.</param>
    /// <param name="output">Which result.</param>
    public void Result(nn.Module module, IReadOnlyList<OnnxImportValue> inputs, IReadOnlyList<long> shape, int output = 0)
        => _session.Define(_node.Output[output], Apply(module, inputs, shape, output == 0 ? null : $"_{output}", SharingKey(output)));

    /// <summary>Adds a step in front of the result, for nodes that take more than one module.</summary>
    /// <param name="suffix">What tells it from the node's other steps.</param>
    /// <param name="module">A module over one tensor, or a <see cref="Join"/> over several; it is taken over.</param>
    /// <param name="inputs">What it takes, in order.</param>
    /// <param name="shape">The step's result's axes.</param>
    /// <returns>The step's result.</returns>
    public OnnxImportValue Helper(string suffix, nn.Module module, IReadOnlyList<OnnxImportValue> inputs, IReadOnlyList<long> shape)
        => Apply(module, inputs, shape, $"_{suffix}", sharingKey: null);

    /// <summary>Says that a result is a value that is there already.</summary>
    /// <param name="value">The value.</param>
    /// <param name="output">Which result.</param>
    public void Alias(OnnxImportValue value, int output = 0) => _session.Define(_node.Output[output], value);

    /// <summary>The error about something that is not supported; throw it.</summary>
    /// <param name="reason">What was found and what is supported, without a full stop.</param>
    public Exception Refuse(string reason) => new OnnxNodeException(_node, reason);

    // The file's number as the shortest decimal with the same float32 value.
    internal static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    internal void Constant(long[] numbers, bool scalar) => _session.Define(_node.Output[0], OnnxImportValue.Constant(_node.Output[0], numbers, scalar));

    internal void Constant(TensorProto tensor) => _session.Define(_node.Output[0], OnnxImportValue.Constant(_node.Output[0], tensor));

    internal void Constant(Tensor tensor) => _session.Define(_node.Output[0], OnnxImportValue.Constant(_node.Output[0], tensor));

    internal float First(TensorProto tensor)
    {
        Span<float> values = new float[AlexNetMl.Onnx.CheckedModel.ElementCount(tensor) == 1 ? 1 : throw Refuse("its value is not one number")];
        _session.Model.Read(tensor, values);
        return values[0];
    }

    internal AttributeProto? Raw(string name)
    {
        _unread.Remove(name);
        return _node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
    }

    // Whole numbers, of which some may be UnknownNumber.
    internal long[] OpenLongs(OnnxImportValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Numbers is { } known)
            return known;
        long[] numbers = new long[Count(value)];
        if (value.Stored is not { } tensor)
            throw Refuse($"its input '{value.Name}' is no list of whole numbers");
        _session.Model.Read(tensor, numbers.AsSpan());
        return numbers;
    }

    internal bool IsUsed(int output) => output < _node.Output.Count && _session.IsUsed(_node.Output[output]);

    internal void Finish()
    {
        if (_unread.Count > 0)
            throw Refuse($"its attributes {string.Join(", ", _unread.Keys)} are not known");
        for (int i = 0; i < _node.Output.Count; i++)
        {
            if (IsUsed(i) && _session.Find(_node.Output[i]) is null)
                throw Refuse($"its output '{_node.Output[i]}' is used, which is not supported");
        }
    }

    private OnnxImportValue Apply(nn.Module module, IReadOnlyList<OnnxImportValue> inputs, IReadOnlyList<long> shape, string? suffix, string? sharingKey)
    {
        if (shape.Any(length => length < OnnxImportValue.Unknown))
            throw Refuse($"its result would have the shape [{string.Join(", ", shape)}]");
        string name = suffix is null ? _node.Output[0] : _node.Output[0] + suffix;
        if (inputs.All(input => input.IsConstant))
        {
            using var scope = NewDisposeScope();
            return OnnxImportValue.Constant(name, _session.Fold(module, [.. inputs.Select(ToTensor)], shape, this));
        }

        if (inputs.FirstOrDefault(input => input.IsConstant) is { } constant)
            throw Refuse($"its input '{constant.Name}' is constant, which is not supported there");
        string path = suffix is null && _path is not null && !_pathTaken ? _path
            : _path is not null ? _session.Helper(_path + suffix) : _session.Path(_node, suffix);
        _pathTaken |= suffix is null;
        return OnnxImportValue.Dynamic(name, _session.Add(path, module, [.. inputs.Select(input => input.Path!)], sharingKey), shape);
    }

    // Nodes of the same operator, settings and weights are one module that is used twice; a weight behind an Identity has its own name still.
    private string? SharingKey(int output)
    {
        OnnxImportValue?[] weights = [.. _node.Input.Skip(1).Select(input => input.Length == 0 ? null : _session.Find(input))];
        if (output > 0 || weights.Any(weight => weight is { IsConstant: false }) || !weights.Any(weight => weight is { Rank: > 0 }))
            return null;
        IEnumerable<string> attributes = _node.Attribute.OrderBy(attribute => attribute.Name, StringComparer.Ordinal).Select(attribute => attribute.ToByteString().ToBase64());
        return string.Join('\n', [_node.Domain, _node.OpType, Input(0).Rank.ToString(CultureInfo.InvariantCulture), .. weights.Select(weight => weight?.Name), .. attributes]);
    }

    private AttributeProto? Attribute(string name, AttributeProto.Types.AttributeType type)
    {
        AttributeProto? attribute = Raw(name);
        if (attribute is { RefAttrName.Length: > 0 } || (attribute is not null && attribute.HasType && attribute.Type != type))
            throw Refuse($"its attribute {name} is of type {attribute.Type}, not {type}");
        return attribute;
    }

    private int Count(OnnxImportValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.IsConstant)
            throw Refuse($"its input '{value.Name}' is computed when the network runs, but a constant is expected there");
        return checked((int)value.Shape.Aggregate(1L, (a, b) => checked(a * b)));
    }

    private void Read(OnnxImportValue value, Span<float> destination)
    {
        if (value.Stored is { } tensor)
            _session.Model.Read(tensor, destination);
        else if (value.Computed is { } computed)
            Copy(computed, destination);
        else
            Copy(Longs(value), destination);
    }

    private static void Copy(Tensor computed, Span<float> destination)
    {
        using Tensor dense = computed.contiguous();
        MemoryMarshal.Cast<byte, float>(dense.bytes).CopyTo(destination);
    }

    private static void Copy(long[] numbers, Span<float> destination)
    {
        for (int i = 0; i < numbers.Length; i++)
            destination[i] = numbers[i];
    }
}
