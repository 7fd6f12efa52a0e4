using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>
/// One initializer (a weight or a constant) whose bytes are asked for only when the file is written, so that a large network's weights
/// exist once, wherever they live already, and never a second time as a protobuf message.
/// </summary>
public interface IOnnxTensorSource
{
    /// <summary>The initializer's name, unique in its graph.</summary>
    string Name { get; }

    /// <summary>The type of one element. Strings have no raw bytes and cannot be streamed.</summary>
    TensorProto.Types.DataType ElementType { get; }

    /// <summary>Lengths of the axes, outermost first; empty for a scalar.</summary>
    IReadOnlyList<long> Dimensions { get; }

    /// <summary>How many bytes <see cref="WriteTo"/> writes: elements times bytes per element.</summary>
    long ByteLength { get; }

    /// <summary>Writes the elements, row-major and little-endian, exactly <see cref="ByteLength"/> bytes.</summary>
    /// <param name="destination">Takes the bytes; stays open.</param>
    void WriteTo(Stream destination);
}
