using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>
/// Checks a file as <see cref="CheckedModel"/> does, but passes over the bytes of its weights: protobuf merges messages that follow each
/// other, so the parts between them are parsed one after the other into one model, and of the weights only the lengths are kept.
/// </summary>
internal sealed class FileCheck
{
    private readonly WireScanner _scanner;
    private readonly ModelProto _model = new();
    private readonly Dictionary<TensorProto, long> _rawLengths = new(ReferenceEqualityComparer.Instance);

    private FileCheck(WireScanner scanner) => _scanner = scanner;

    /// <exception cref="OnnxFormatException">Not an ONNX model, damaged, or it does not hold together.</exception>
    public static void Check(Stream stream, string path) => OnnxReader.Guarded(path, () =>
    {
        OnnxReader.CheckLengths(stream, path);
        stream.Position = 0;
        var check = new FileCheck(new WireScanner(stream, path));
        check.ReadModel();
        OnnxReader.RequireModel(check._model.HasIrVersion, check._model.Graph is not null, path);
        GraphCheck.Check(check._model, new ExternalData(Path.GetDirectoryName(Path.GetFullPath(path)), path), path, check._rawLengths);
        return true;
    });

    private void ReadModel() => Read(_model, _scanner.Length, ModelProto.GraphFieldNumber, end =>
    {
        _model.Graph ??= new GraphProto();
        ReadGraph(_model.Graph, end);
    });

    private void ReadGraph(GraphProto graph, long end) => Read(graph, end, GraphProto.InitializerFieldNumber, tensorEnd =>
    {
        var tensor = new TensorProto();
        graph.Initializer.Add(tensor);
        Read(tensor, tensorEnd, TensorProto.RawDataFieldNumber, dataEnd =>
        {
            tensor.RawData = ByteString.Empty;
            _rawLengths[tensor] = dataEnd - _scanner.Position;
            _scanner.MoveTo(dataEnd);
        });
    });

    // One field of a message is read by itself, the others in as few pieces as there are.
    private void Read(IMessage message, long end, int special, Action<long> readSpecial)
    {
        long start = _scanner.Position;
        while (_scanner.Position < end)
        {
            long field = _scanner.Position;
            (ulong number, int wireType) = _scanner.ReadTag(end);
            if (number != (ulong)special || wireType != WireScanner.LengthDelimited)
            {
                _scanner.SkipField(wireType, end);
                continue;
            }

            long length = _scanner.ReadLength(end);
            long content = _scanner.Position;
            Merge(message, start, field);
            _scanner.MoveTo(content);
            readSpecial(content + length);
            start = content + length;
        }

        Merge(message, start, end);
    }

    private void Merge(IMessage message, long start, long end)
    {
        if (start == end)
            return;
        _scanner.MoveTo(start);
        message.MergeFrom(_scanner.ReadBytes(end - start));
    }
}
