using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>Parsing with bounds: nothing is allocated for a length that the stream does not hold, nesting is limited.</summary>
internal static class OnnxReader
{
    private const int MaxNesting = 100;
    private const long MaxMetadataBytes = 64 << 20;
    private const long SpareMemory = 32 << 20;

    public static ModelProto ReadModel(Stream stream, string source)
    {
        return Guarded(source, () =>
        {
            CheckLengths(stream, source);
            stream.Position = 0;
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, MaxNesting);
            ModelProto model = ModelProto.Parser.ParseFrom(input);
            RequireModel(model.HasIrVersion, model.Graph is not null, source);
            return model;
        });
    }

    /// <summary>Checks all lengths in the stream, and what its objects would take.</summary>
    public static void CheckLengths(Stream stream, string source)
        => new WireScanner(stream, source).Check(ModelProto.Descriptor, stream.Length, MaxNesting, SpareMemory + (2 * stream.Length));

    public static IReadOnlyDictionary<string, string> ReadMetadata(Stream stream, string source)
    {
        return Guarded(source, () =>
        {
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            var scanner = new WireScanner(stream, source);
            long metadataBytes = 0;
            bool hasVersion = false;
            bool hasGraph = false;
            while (scanner.Position < scanner.Length)
            {
                (ulong field, int wireType) = scanner.ReadTag(scanner.Length);
                hasVersion |= field == ModelProto.IrVersionFieldNumber;
                hasGraph |= field == ModelProto.GraphFieldNumber;
                if (field != ModelProto.MetadataPropsFieldNumber || wireType != WireScanner.LengthDelimited)
                {
                    scanner.SkipField(wireType, scanner.Length);
                    continue;
                }

                long length = scanner.ReadLength(scanner.Length);
                metadataBytes += length;
                if (metadataBytes > MaxMetadataBytes)
                {
                    throw new OnnxFormatException($"'{source}' holds more than {MaxMetadataBytes >> 20} MiB of metadata.");
                }

                StringStringEntryProto entry = StringStringEntryProto.Parser.ParseFrom(scanner.ReadBytes(length));
                metadata[entry.Key] = entry.Value;
            }

            RequireModel(hasVersion, hasGraph, source);
            return metadata;
        });
    }

    public static void RequireModel(bool hasVersion, bool hasGraph, string source)
    {
        if (!hasVersion || !hasGraph)
        {
            throw new OnnxFormatException($"'{source}' is not an ONNX model: it has no {(hasVersion ? "graph" : "IR version")}.");
        }
    }

    public static T Guarded<T>(string source, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxFormatException($"'{source}' is not an ONNX model, or it is damaged: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new OnnxFormatException($"'{source}' ends early.", e);
        }
    }
}
