using AlexNetMl.Onnx.Proto;
using Google.Protobuf;

namespace AlexNetMl.Onnx;

/// <summary>ONNX files: streamed and atomic writing, bounded reading.</summary>
public static class OnnxFile
{
    /// <summary>The longest file, in bytes: protobuf's own limit, which every ONNX reader shares (2 GB less one byte).</summary>
    public const long MaxBytes = int.MaxValue;

    /// <summary>
    /// Writes a model; its weights go from their sources straight into the file. The file appears whole or not at all: it is written
    /// under a temporary name in the same folder, flushed to disk and renamed, replacing a file of that name.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="beforeCommit">
    /// Called with the temporary file's path once it is complete (to verify it, for example). If it throws, the temporary file is removed,
    /// <paramref name="path"/> stays as it was, and the exception goes on to the caller.
    /// </param>
    /// <exception cref="OnnxFormatException">The file would exceed <see cref="MaxBytes"/>, or a source breaks its word about its length.</exception>
    /// <exception cref="IOException">The file cannot be written (<see cref="DirectoryNotFoundException"/>: the folder does not exist).</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Write(OnnxModel model, string path, Action<string>? beforeCommit = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        RefuseOverlong(PayloadBytes(model.Proto) + model.Initializers.Sum(t => t.ByteLength), path);
        var writer = new OnnxModelWriter(model);
        RefuseOverlong(writer.Length, path);
        AtomicFile.Write(path, writer.WriteTo, beforeCommit);
    }

    /// <summary>Writes a whole message, weights included, as whole or not at all as <see cref="Write(OnnxModel, string, Action{string}?)"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder exists.</param>
    /// <exception cref="OnnxFormatException">The file would exceed <see cref="MaxBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Write(ModelProto model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);

        RefuseOverlong(PayloadBytes(model), path);
        RefuseOverlong((uint)model.CalculateSize(), path);
        AtomicFile.Write(path, model.WriteTo, beforeCommit: null);
    }

    /// <summary>Reads a whole model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The longest file to read; memory use is bounded by the file's length, never by lengths claimed inside it.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model, damaged, cut short, or longer than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be opened (<see cref="FileNotFoundException"/>: it does not exist).</exception>
    public static ModelProto Read(string path, long maxBytes = MaxBytes)
    {
        using FileStream stream = Open(path, maxBytes);
        return OnnxReader.ReadModel(stream, path);
    }

    /// <summary>
    /// Checks a file as <see cref="CheckedModel.Read(string, long)"/> does, without loading its weights: before a runtime that trusts files
    /// opens it.
    /// </summary>
    /// <param name="path">The file; weights may lie in files beside it.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model, damaged, cut short, or it does not hold together; the message says what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be opened (<see cref="FileNotFoundException"/>: it does not exist).</exception>
    public static void Check(string path)
    {
        using FileStream stream = Open(path, MaxBytes);
        FileCheck.Check(stream, path);
    }

    /// <summary>
    /// Reads only the metadata entries; the graph and its weights are skipped, not loaded. Of entries with the same key the last one counts.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model, damaged, cut short, or with more than 64 MiB of metadata.</exception>
    /// <exception cref="IOException">The file cannot be opened (<see cref="FileNotFoundException"/>: it does not exist).</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream stream = Open(path, MaxBytes);
        return OnnxReader.ReadMetadata(stream, path);
    }

    /// <summary>
    /// Adds metadata entries at the end of a file, in place: for a file that nobody else reads yet, such as the one that
    /// <see cref="Write(OnnxModel, string, Action{string}?)"/> shows before it commits. The weights are not touched.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">Keys that the file does not have yet, and their values.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model, a key is there already, or the file would exceed <see cref="MaxBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be opened or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void AppendMetadata(string path, IReadOnlyDictionary<string, string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        OnnxMetadataEditor.Append(path, entries);
    }

    /// <summary>Adds or replaces metadata entries; the file is copied with them and renamed into place, its graph byte for byte what it was.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">Keys and values.</param>
    /// <exception cref="OnnxFormatException">Not an ONNX model, or the file would exceed <see cref="MaxBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be opened or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void SetMetadata(string path, IReadOnlyDictionary<string, string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        OnnxMetadataEditor.Set(path, entries);
    }

    private static FileStream Open(string path, long maxBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (maxBytes is < 0 or > MaxBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(maxBytes), maxBytes, $"The limit is between 0 and {MaxBytes} bytes.");
        }

        if (Directory.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' is a folder; give the path of the .onnx file in it.", path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The ONNX file '{path}' does not exist.", path);
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 12);
        if (stream.Length > maxBytes)
        {
            long length = stream.Length;
            stream.Dispose();
            throw new OnnxFormatException($"'{path}' has {length} bytes; at most {maxBytes} are read.");
        }

        return stream;
    }

    // A lower bound in 64 bits. The protobuf library sums sizes in 32 bits and wraps silently; below this bound it can at most turn negative.
    private static long PayloadBytes(ModelProto model) => model.Graph?.Initializer.Sum(t =>
        t.RawData.Length + (4L * t.FloatData.Count) + (8L * t.DoubleData.Count) + t.Int32Data.Count + t.Int64Data.Count + t.Uint64Data.Count) ?? 0;

    internal static void RefuseOverlong(long length, string path)
    {
        if (length > MaxBytes)
        {
            throw new OnnxFormatException(
                $"'{path}' would have {length} bytes, but an ONNX file holds at most {MaxBytes} (protobuf's limit of 2 GB); "
                + "use a narrower network or weights of fewer bits.");
        }
    }
}
