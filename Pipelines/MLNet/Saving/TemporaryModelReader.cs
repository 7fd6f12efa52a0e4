using System.IO.Compression;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>Takes ONNX files out of a zip and makes the transformers of them that they were saved from.</summary>
internal sealed class TemporaryModelReader(TransformsCatalog catalog, OnnxDevice? device, IHost? host) : IDisposable
{
    private readonly Dictionary<ZipArchiveEntry, (TemporaryModel File, SavedOptions? Options)> _read = [];

    public bool IsPictures(ZipArchiveEntry entry) => Read(entry).Options is { Kind: SavedKind.Score or SavedKind.Features };

    /// <summary>The transformer, which owns its file from now on; null where the file is not one of ours.</summary>
    public BatchedOnnxTransformer? Load(ZipArchiveEntry entry)
    {
        (TemporaryModel file, SavedOptions? options) = Read(entry);
        if (options is null)
        {
            return null;
        }

        BatchedOnnxTransformer loaded = options.Kind == SavedKind.Tensors
            ? SavedTensors.Load(catalog, file, options, device, host)
            : SavedImages.Load(catalog, file, options, device, host);
        _read.Remove(entry);
        return loaded;
    }

    /// <summary>Removes the files that nobody took.</summary>
    public void Dispose()
    {
        foreach ((TemporaryModel file, _) in _read.Values)
        {
            file.Dispose();
        }
    }

    private (TemporaryModel File, SavedOptions? Options) Read(ZipArchiveEntry entry)
    {
        if (!_read.TryGetValue(entry, out (TemporaryModel File, SavedOptions? Options) found))
        {
            using Stream content = entry.Open();
            SkipLength(content, entry);
            TemporaryModel file = TemporaryModel.Create(content);
            try
            {
                found = (file, SavedOptions.Read(file.Path));
            }
            catch
            {
                file.Dispose();
                throw;
            }

            _read[entry] = found;
        }

        return found;
    }

    // ML.NET writes a byte array as its length and its bytes.
    private static void SkipLength(Stream content, ZipArchiveEntry entry)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        content.ReadExactly(length);
        int bytes = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(length);
        if (bytes != entry.Length - sizeof(int))
        {
            throw new FormatException($"'{entry.FullName}' in the model is {entry.Length} bytes long and says it has {bytes}; the file is damaged.");
        }
    }
}
