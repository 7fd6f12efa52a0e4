using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>
/// A model ready to be written: everything but the weights as a protobuf message, and the weights as sources that are asked for their
/// bytes while the file is written.
/// </summary>
public sealed class OnnxModel
{
    /// <summary>Joins a model's skeleton and its weights.</summary>
    /// <param name="proto">The model with its graph. Initializers that stand in the graph already (small constants) come first in the file.</param>
    /// <param name="initializers">The streamed initializers, in file order; names unique, also against those of the graph.</param>
    /// <exception cref="ArgumentException">There is no graph, or a name occurs twice.</exception>
    public OnnxModel(ModelProto proto, IReadOnlyList<IOnnxTensorSource> initializers)
    {
        ArgumentNullException.ThrowIfNull(proto);
        ArgumentNullException.ThrowIfNull(initializers);
        if (proto.Graph is null)
        {
            throw new ArgumentException("The model has no graph.", nameof(proto));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in proto.Graph.Initializer.Select(t => t.Name).Concat(initializers.Select(t => t.Name)))
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"The model has two initializers named '{name}'; names are unique.", nameof(initializers));
            }
        }

        Proto = proto;
        Initializers = initializers;
    }

    /// <summary>A model that was read as one message; its initializers become sources over the message's own bytes, which are not copied.</summary>
    /// <param name="proto">A model with its graph. Its initializers move out of it, all but texts, which have no bytes of their own.</param>
    /// <exception cref="OnnxFormatException">An initializer's bytes are not what its type and axes ask for.</exception>
    public static OnnxModel FromProto(ModelProto proto)
    {
        ArgumentNullException.ThrowIfNull(proto);
        return new OnnxModel(proto, proto.Graph is { } graph ? ProtoTensor.Take(graph) : []);
    }

    /// <summary>The model without the payloads of <see cref="Initializers"/>.</summary>
    public ModelProto Proto { get; }

    /// <summary>The streamed initializers, in file order.</summary>
    public IReadOnlyList<IOnnxTensorSource> Initializers { get; }

    /// <summary>The value of a metadata entry, or null where there is none.</summary>
    /// <param name="key">The entry's key.</param>
    public string? GetMetadata(string key) => Proto.MetadataProps.LastOrDefault(e => e.Key == key)?.Value;

    /// <summary>Adds a metadata entry or replaces the one with the same key.</summary>
    /// <param name="key">Not empty.</param>
    /// <param name="value">Any text.</param>
    public void SetMetadata(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (Proto.MetadataProps.FirstOrDefault(e => e.Key == key) is { } entry)
        {
            entry.Value = value;
        }
        else
        {
            Proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }

    /// <summary>Removes metadata entries.</summary>
    /// <param name="match">Which keys.</param>
    public void RemoveMetadata(Predicate<string> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        StringStringEntryProto[] kept = [.. Proto.MetadataProps.Where(e => !match(e.Key))];
        Proto.MetadataProps.Clear();
        Proto.MetadataProps.AddRange(kept);
    }

    /// <summary>Sets several metadata entries.</summary>
    /// <param name="entries">Keys and values.</param>
    public void SetMetadata(IEnumerable<KeyValuePair<string, string>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach ((string key, string value) in entries)
        {
            SetMetadata(key, value);
        }
    }

    /// <summary>
    /// The whole model as one message, weights included: for small models, tests and graph edits. This holds the weights a second
    /// time; <see cref="OnnxFile.Write(OnnxModel, string, Action{string}?)"/> does not.
    /// </summary>
    /// <exception cref="OnnxFormatException">A source wrote another number of bytes than it announced.</exception>
    public ModelProto ToProto()
    {
        ModelProto whole = Proto.Clone();
        foreach (IOnnxTensorSource source in Initializers)
        {
            TensorProto tensor = OnnxModelWriter.Header(source);
            using var bytes = new MemoryStream(checked((int)source.ByteLength));
            OnnxModelWriter.CopyExactly(source, bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
            whole.Graph.Initializer.Add(tensor);
        }

        return whole;
    }
}
