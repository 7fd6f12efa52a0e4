using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>
/// Serialises an <see cref="OnnxModel"/> field by field, in the order and with the bytes of the protobuf library's own serialisation,
/// but with the payloads copied from their sources straight into the stream. All lengths are computed before the first byte is written.
/// </summary>
internal sealed class OnnxModelWriter
{
    // Tags of the three fields that are written by hand: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data.
    private const uint GraphTag = (7 << 3) | 2;
    private const uint InitializerTag = (5 << 3) | 2;
    private const uint RawDataTag = (9 << 3) | 2;

    private readonly ModelProto _modelBeforeGraph;
    private readonly ModelProto _modelAfterGraph;
    private readonly GraphProto _graphBeforeInitializers;
    private readonly GraphProto _graphAfterInitializers;
    private readonly List<(TensorProto Header, IOnnxTensorSource Source, long Length)> _tensors = [];
    private readonly long _graphLength;

    public OnnxModelWriter(OnnxModel model)
    {
        // The message is cut where the streamed fields go. What the hand-written parts do not name (fields this library does not know
        // included) stays in the clones; clones share their byte strings with the original, so no payload is copied.
        ModelProto all = model.Proto;
        _modelBeforeGraph = new ModelProto();
        _modelAfterGraph = all.Clone();
        _modelAfterGraph.Graph = null;
        if (all.HasIrVersion)
        {
            _modelBeforeGraph.IrVersion = all.IrVersion;
            _modelAfterGraph.ClearIrVersion();
        }

        if (all.HasProducerName)
        {
            _modelBeforeGraph.ProducerName = all.ProducerName;
            _modelAfterGraph.ClearProducerName();
        }

        if (all.HasProducerVersion)
        {
            _modelBeforeGraph.ProducerVersion = all.ProducerVersion;
            _modelAfterGraph.ClearProducerVersion();
        }

        if (all.HasDomain)
        {
            _modelBeforeGraph.Domain = all.Domain;
            _modelAfterGraph.ClearDomain();
        }

        if (all.HasModelVersion)
        {
            _modelBeforeGraph.ModelVersion = all.ModelVersion;
            _modelAfterGraph.ClearModelVersion();
        }

        if (all.HasDocString)
        {
            _modelBeforeGraph.DocString = all.DocString;
            _modelAfterGraph.ClearDocString();
        }

        _graphBeforeInitializers = new GraphProto();
        _graphBeforeInitializers.Node.AddRange(all.Graph.Node);
        _graphBeforeInitializers.Initializer.AddRange(all.Graph.Initializer);
        if (all.Graph.HasName)
        {
            _graphBeforeInitializers.Name = all.Graph.Name;
        }

        _graphAfterInitializers = all.Graph.Clone();
        _graphAfterInitializers.Node.Clear();
        _graphAfterInitializers.Initializer.Clear();
        _graphAfterInitializers.ClearName();

        _graphLength = (uint)_graphBeforeInitializers.CalculateSize() + (long) _graphAfterInitializers.CalculateSize();
        foreach (IOnnxTensorSource source in model.Initializers)
        {
            TensorProto header = Header(source);
            long length = header.CalculateSize() + LengthDelimited(source.ByteLength);
            _tensors.Add((header, source, length));
            _graphLength += LengthDelimited(length);
        }

        Length = _modelBeforeGraph.CalculateSize() + LengthDelimited(_graphLength) + _modelAfterGraph.CalculateSize();
    }

    /// <summary>Bytes of the whole file.</summary>
    public long Length { get; }

    /// <summary>Writes the model, exactly <see cref="Length"/> bytes.</summary>
    public void WriteTo(Stream stream)
    {
        using var output = new CodedOutputStream(stream, bufferSize: 1 << 16, leaveOpen: true);
        _modelBeforeGraph.WriteTo(output);
        output.WriteTag(GraphTag);
        output.WriteUInt64((ulong)_graphLength);
        _graphBeforeInitializers.WriteTo(output);
        foreach ((TensorProto header, IOnnxTensorSource source, long length) in _tensors)
        {
            output.WriteTag(InitializerTag);
            output.WriteUInt64((ulong)length);
            header.WriteTo(output);
            output.WriteTag(RawDataTag);
            output.WriteUInt64((ulong)source.ByteLength);
            output.Flush();
            CopyExactly(source, stream);
        }

        _graphAfterInitializers.WriteTo(output);
        _modelAfterGraph.WriteTo(output);
        output.Flush();
    }

    /// <summary>An initializer without its payload.</summary>
    /// <exception cref="OnnxFormatException">The announced length is not what type and axes give.</exception>
    public static TensorProto Header(IOnnxTensorSource source)
    {
        long expected = OnnxElementTypes.ByteLength(source.ElementType, source.Dimensions, source.Name);
        if (source.ByteLength != expected)
        {
            throw new OnnxFormatException(
                $"The initializer '{source.Name}' announces {source.ByteLength} bytes, but {source.ElementType} elements of shape "
                + $"[{string.Join(", ", source.Dimensions)}] take {expected}.");
        }

        var header = new TensorProto { Name = source.Name, DataType = (int)source.ElementType };
        header.Dims.AddRange(source.Dimensions);
        return header;
    }

    /// <summary>Copies a payload and holds the source to the length it announced: a byte more or less would shift the rest of the file.</summary>
    public static void CopyExactly(IOnnxTensorSource source, Stream stream)
    {
        using var counted = new ExactLengthStream(stream, source.ByteLength, source.Name);
        source.WriteTo(counted);
        counted.VerifyComplete();
    }

    private static long LengthDelimited(long length)
        => 1 + CodedOutputStream.ComputeUInt64Size((ulong)length) + length; // all three tags are below 16, so one byte long
}
