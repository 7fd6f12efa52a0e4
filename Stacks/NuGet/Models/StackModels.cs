using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Pipelines;

/// <summary>
/// The ONNX files inside a model that ML.NET saved: a zip. A transformer does not give its bytes away, but they lie in its folder, <c>Transform_NNN</c> of its chain's, under the name
/// <c>OnnxModel</c>, behind their length.
/// </summary>
internal static class StackModels
{
    private const string OnnxEntry = "OnnxModel";

    /// <summary>Hands each transformer's ONNX file over, in the order in which they stand in the model.</summary>
    /// <exception cref="FormatException">The file is laid out in another way than the versions of ML.NET that are known do it.</exception>
    public static void ReadOnnxFiles(Stream model, IReadOnlyList<OnnxTransformer> transformers, Action<OnnxTransformer, Stream> read)
    {
        using var zip = new ZipArchive(model, ZipArchiveMode.Read, leaveOpen: true);
        ZipArchiveEntry[] entries =
        [
            .. zip.Entries.Where(entry => Parts(entry)[^1] == OnnxEntry).OrderBy(entry => string.Join('/', Parts(entry)), StringComparer.Ordinal),
        ];
        if (entries.Length != transformers.Count)
        {
            throw new FormatException(
                $"The model holds {transformers.Count} ONNX transformers but {entries.Length} ONNX files; it was not saved by a version of ML.NET that this library knows.");
        }

        byte[] length = new byte[sizeof(int)];
        for (int i = 0; i < entries.Length; i++)
        {
            using Stream content = entries[i].Open();
            content.ReadExactly(length);
            if (BinaryPrimitives.ReadInt32LittleEndian(length) != entries[i].Length - sizeof(int))
            {
                throw new FormatException($"'{entries[i].FullName}' in the model is not as long as it says; the file is damaged.");
            }

            read(transformers[i], content);
        }
    }

    private static string[] Parts(ZipArchiveEntry entry) => entry.FullName.Split('/', '\\');
}
