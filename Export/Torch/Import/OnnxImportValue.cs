using AlexNetMl.Onnx.Proto;
using TorchSharp;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Export;

/// <summary>A tensor of an ONNX graph on its way into a network: computed when the network runs, or constant.</summary>
public sealed class OnnxImportValue
{
    /// <summary>The length of an axis that is known only when the network runs, the batch's above all.</summary>
    public const long Unknown = -1;

    // In lists of whole numbers -1 is a number.
    internal const long UnknownNumber = long.MinValue;

    private OnnxImportValue(string name, IReadOnlyList<long> shape) => (Name, Shape) = (name, shape);

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>Lengths of its axes; <see cref="Unknown"/> for those that are.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How many axes it has.</summary>
    public int Rank => Shape.Count;

    /// <summary>Whether it is constant.</summary>
    public bool IsConstant => Path is null;

    // Where it is computed; null for constants, which have one of the other three.
    internal string? Path { get; private init; }

    internal TensorProto? Stored { get; private init; }

    internal torch.Tensor? Computed { get; private init; }

    internal long[]? Numbers { get; private init; }

    internal bool IsWhole => Numbers is not null || (Stored is { } tensor && (DataType)tensor.DataType is DataType.Int64 or DataType.Int32 or DataType.Bool);

    internal static OnnxImportValue Dynamic(string name, string path, IReadOnlyList<long> shape) => new(name, shape) { Path = path };

    internal static OnnxImportValue Constant(string name, TensorProto tensor) => new(name, [.. tensor.Dims]) { Stored = tensor };

    internal static OnnxImportValue Constant(string name, torch.Tensor tensor) => new(name, tensor.shape) { Computed = tensor };

    internal static OnnxImportValue Constant(string name, long[] numbers, bool scalar) => new(name, scalar ? [] : [numbers.Length]) { Numbers = numbers };
}
