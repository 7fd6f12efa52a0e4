using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>Parsing with bounds: nothing is allocated for a length that the stream does not hold, nesting is limited.</summary>
internal static class OnnxReader
{
    private const int MaxNesting = 100;
    private const long MaxMetadataBytes = 64 << 20;
    private const int GraphField = 7;
    private const int IrVersionField = 1;
    private const int MetadataField = 14;

    public static ModelProto ReadModel(Stream stream, string source)
    {
        return Guarded(source, () =>
        {
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, Math.Max(1, (int)stream.Length), MaxNesting);
            ModelProto model = ModelProto.Parser.ParseFrom(input);
            RequireModel(model.HasIrVersion, model.Graph is not null, source);
            return model;
        });
    }

    public static IReadOnlyDictionary<string, string> ReadMetadata(Stream stream, string source)
    {
        return Guarded(source, () =>
        {
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            long metadataBytes = 0;
            bool hasVersion = false;
            bool hasGraph = false;
            while (stream.Position < stream.Length)
            {
                ulong tag = ReadVarint(stream, source);
                ulong field = tag >> 3;
                hasVersion |= field == IrVersionField;
                hasGraph |= field == GraphField;
                switch (tag & 7)
                {
                    case 0:
                        ReadVarint(stream, source);
                        break;
                    case 1:
                        Skip(stream, 8, source);
                        break;
                    case 5:
                        Skip(stream, 4, source);
                        break;
                    case 2 when field == MetadataField:
                        int length = (int)ReadLength(stream, source);
                        metadataBytes += length;
                        if (metadataBytes > MaxMetadataBytes)
                        {
                            throw new OnnxFormatException($"'{source}' holds more than {MaxMetadataBytes >> 20} MiB of metadata.");
                        }

                        byte[] bytes = new byte[length];
                        stream.ReadExactly(bytes);
                        StringStringEntryProto entry = StringStringEntryProto.Parser.ParseFrom(bytes);
                        metadata[entry.Key] = entry.Value;
                        break;
                    case 2 when field != 0:
                        Skip(stream, ReadLength(stream, source), source);
                        break;
                    default:
                        throw new OnnxFormatException($"'{source}' is not an ONNX model: field {field} has wire type {tag & 7}.");
                }
            }

            RequireModel(hasVersion, hasGraph, source);
            return metadata;
        });
    }

    private static void RequireModel(bool hasVersion, bool hasGraph, string source)
    {
        if (!hasVersion || !hasGraph)
        {
            throw new OnnxFormatException($"'{source}' is not an ONNX model: it has no {(hasVersion ? "graph" : "IR version")}.");
        }
    }

    private static T Guarded<T>(string source, Func<T> read)
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

    private static ulong ReadVarint(Stream stream, string source)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.ReadByte();
            if (next < 0)
            {
                throw new OnnxFormatException($"'{source}' ends early.");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new OnnxFormatException($"'{source}' is not an ONNX model: a number in it has more than ten bytes.");
    }

    private static long ReadLength(Stream stream, string source)
    {
        ulong length = ReadVarint(stream, source);
        return length <= (ulong)(stream.Length - stream.Position)
            ? (long)length
            : throw new OnnxFormatException(
                $"'{source}' ends early: a field of {length} bytes begins where {stream.Length - stream.Position} are left.");
    }

    private static void Skip(Stream stream, long count, string source)
    {
        if (count > stream.Length - stream.Position)
        {
            throw new OnnxFormatException($"'{source}' ends early.");
        }

        stream.Seek(count, SeekOrigin.Current);
    }
}
