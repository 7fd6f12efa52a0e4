using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Pipelines;

/// <summary>
/// The ONNX files inside a model that ML.NET saved. A transformer does not give its bytes away, but in the zip they lie in its folder, <c>Transform_NNN</c> of its chain's, under the name
/// <c>OnnxModel</c>.
/// </summary>
internal sealed class ModelZip(ZipArchive zip, TemporaryModelReader read)
{
    private const string OnnxEntry = "OnnxModel";

    /// <summary>Replaces transformers of a loaded chain whose ONNX files are ours.</summary>
    /// <returns>What stands for the transformer: itself, a chain with some members replaced, or ours.</returns>
    public ITransformer Replace(ITransformer transformer)
    {
        ZipArchiveEntry[] entries =
        [
            .. zip.Entries.Where(entry => Parts(entry)[^1] == OnnxEntry).OrderBy(entry => string.Join('/', Parts(entry)), StringComparer.Ordinal),
        ];
        OnnxTransformer[] scorers = [.. Flatten(transformer).OfType<OnnxTransformer>()];
        if (entries.Length != scorers.Length)
        {
            throw new FormatException(
                $"The model holds {scorers.Length} ONNX transformers but {entries.Length} ONNX files; it was not saved by a version of ML.NET that this library knows.");
        }

        var files = new Dictionary<OnnxTransformer, ZipArchiveEntry>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < scorers.Length; i++)
        {
            files[scorers[i]] = entries[i];
        }

        return Replace(transformer, files);
    }

    private ITransformer Replace(ITransformer transformer, Dictionary<OnnxTransformer, ZipArchiveEntry> files)
    {
        if (transformer is OnnxTransformer alone)
        {
            return Ours(alone, files) ?? transformer;
        }

        if (transformer is not TransformerChain<ITransformer> chain)
        {
            return transformer;
        }

        // The chain that stands for a scorer of pictures ends in its ONNX transformer.
        ITransformer[] members = [.. chain];
        if (members.Length > 1 && members[^1] is OnnxTransformer last && read.IsPictures(files[last]))
        {
            return Ours(last, files)!;
        }

        ITransformer[] replaced = [.. members.Select(member => Replace(member, files))];
        return replaced.SequenceEqual(members, ReferenceEqualityComparer.Instance) ? transformer : new TransformerChain<ITransformer>(replaced);
    }

    private BatchedOnnxTransformer? Ours(OnnxTransformer plain, Dictionary<OnnxTransformer, ZipArchiveEntry> files)
    {
        BatchedOnnxTransformer? ours = read.Load(files[plain]);
        if (ours is not null)
        {
            plain.Dispose();
        }

        return ours;
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer)
        => transformer is TransformerChain<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    private static string[] Parts(ZipArchiveEntry entry) => entry.FullName.Split('/', '\\');
}
