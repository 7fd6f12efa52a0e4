using System.Globalization;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>
/// Tensors whose bytes lie in files beside the model. A model may come from anywhere, so such a file must lie in the model's folder, by
/// a path without links, and no two tensors may share bytes: a thousand views of one file would fill the memory.
/// </summary>
/// <param name="folder">The model's folder; null where the model has none, which then can have no such tensors.</param>
/// <param name="source">What errors call the model.</param>
internal sealed class ExternalData(string? folder, string source)
{
    private readonly List<(string File, long Start, long End, string Tensor)> _ranges = [];

    /// <summary>Checks one tensor's place; see <see cref="RefuseOverlaps"/> for all together.</summary>
    public void Check(TensorProto tensor, long byteLength)
    {
        (string file, long offset) = Locate(tensor, byteLength);
        if (byteLength > 0)
            _ranges.Add((file, offset, offset + byteLength, tensor.Name));
    }

    /// <summary>Refuses tensors that share bytes.</summary>
    public void RefuseOverlaps()
    {
        _ranges.Sort(static (a, b) => string.CompareOrdinal(a.File, b.File) is var order and not 0 ? order : a.Start.CompareTo(b.Start));
        for (int i = 1; i < _ranges.Count; i++)
        {
            if (_ranges[i].File == _ranges[i - 1].File && _ranges[i].Start < _ranges[i - 1].End)
                throw new OnnxFormatException($"'{source}' is refused: its tensors '{_ranges[i - 1].Tensor}' and '{_ranges[i].Tensor}' share bytes of '{_ranges[i].File}'.");
        }
    }

    /// <summary>Reads a checked tensor's bytes.</summary>
    /// <exception cref="OnnxFormatException">The file has become shorter since it was checked.</exception>
    public void Read(TensorProto tensor, Span<byte> destination)
    {
        if (destination.IsEmpty)
            return;
        (string file, long offset) = Locate(tensor, destination.Length);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        stream.Position = offset;
        try
        {
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException e)
        {
            throw new OnnxFormatException($"'{file}' ends early: the tensor '{tensor.Name}' of '{source}' is not all there.", e);
        }
    }

    private (string File, long Offset) Locate(TensorProto tensor, long byteLength)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (!entries.TryAdd(entry.Key, entry.Value))
                throw Refuse(tensor, $"gives its '{entry.Key}' twice");
        }

        if (folder is null)
            throw Refuse(tensor, "lies in a file, but the model was not read from one");
        if (!entries.TryGetValue("location", out string? location))
            throw Refuse(tensor, "names no file");
        string file = Resolve(tensor, folder, location);
        long offset = Number(tensor, entries, "offset") ?? 0;
        if (Number(tensor, entries, "length") is { } length && length != byteLength)
            throw Refuse(tensor, $"has {length} bytes there, but its type and shape take {byteLength}");
        long available = new FileInfo(file).Length;
        return offset <= available && byteLength <= available - offset
            ? (file, offset)
            : throw Refuse(tensor, $"takes {byteLength} bytes from {offset} of '{location}', which has {available}");
    }

    private string Resolve(TensorProto tensor, string root, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal) || location.Contains('\0', StringComparison.Ordinal)
            || parts.Any(part => part is "" or "." or ".."))
            throw Refuse(tensor, $"lies in '{location}', but only files inside the model's folder are read");
        string path = root;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                throw Refuse(tensor, $"lies in '{location}', which goes through a link; only files inside the model's folder are read");
        }

        return File.Exists(path) ? path : throw Refuse(tensor, $"lies in '{location}', which does not exist beside the model");
    }

    private long? Number(TensorProto tensor, Dictionary<string, string> entries, string key)
    {
        if (!entries.TryGetValue(key, out string? text))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Refuse(tensor, $"gives its {key} as '{text}', not as a whole number from 0");
    }

    private OnnxFormatException Refuse(TensorProto tensor, string reason) => new($"'{source}' is refused: its tensor '{tensor.Name}' {reason}.");
}
