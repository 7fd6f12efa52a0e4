using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Pipelines;

/// <summary>A model of plain ML.NET's transformers, some of which were ours when it was saved.</summary>
internal sealed class LoadedChain : IDisposable
{
    private readonly TransformsCatalog _catalog;
    private readonly OnnxDevice? _device;
    private readonly IHost? _host;
    private readonly Dictionary<ITransformer, (TemporaryModel File, SavedOptions Options)> _ours = new(ReferenceEqualityComparer.Instance);

    private LoadedChain(TransformsCatalog catalog, OnnxDevice? device, IHost? host) => (_catalog, _device, _host) = (catalog, device, host);

    /// <summary>Puts our transformers back in their places.</summary>
    /// <param name="plain">What ML.NET loaded.</param>
    /// <param name="model">The file that it came from.</param>
    /// <param name="catalog">For saving it again.</param>
    /// <param name="device">Where networks run.</param>
    /// <param name="host">Where to log.</param>
    public static ITransformer Replace(ITransformer plain, Stream model, TransformsCatalog catalog, OnnxDevice? device, IHost? host)
    {
        using var chain = new LoadedChain(catalog, device, host);
        OnnxTransformer[] scorers = [.. Flatten(plain).OfType<OnnxTransformer>()];
        StackModels.ReadOnnxFiles(model, scorers, chain.Read);
        return chain.Replace(plain);
    }

    /// <summary>Removes the files that nobody took.</summary>
    public void Dispose()
    {
        foreach ((TemporaryModel file, _) in _ours.Values)
        {
            file.Dispose();
        }
    }

    private void Read(OnnxTransformer transformer, Stream content)
    {
        TemporaryModel file = TemporaryModel.Create(content);
        SavedOptions? options = null;
        try
        {
            options = SavedOptions.Read(file.Path);
        }
        finally
        {
            if (options is null)
            {
                file.Dispose();
            }
        }

        if (options is not null)
        {
            _ours[transformer] = (file, options);
        }
    }

    private ITransformer Replace(ITransformer transformer)
    {
        if (_ours.ContainsKey(transformer))
        {
            return Load(transformer);
        }

        if (transformer is not TransformerChain<ITransformer> chain)
        {
            return transformer;
        }

        // The chain that stands for a network over pictures ends in its ONNX transformer.
        ITransformer[] members = [.. chain];
        if (members.Length > 1 && _ours.TryGetValue(members[^1], out (TemporaryModel File, SavedOptions Options) last) && last.Options.Kind != SavedKind.Tensors)
        {
            return Load(members[^1]);
        }

        ITransformer[] replaced = [.. members.Select(Replace)];
        return replaced.SequenceEqual(members, ReferenceEqualityComparer.Instance) ? transformer : new TransformerChain<ITransformer>(replaced);
    }

    private BatchedOnnxTransformer Load(ITransformer plain)
    {
        (TemporaryModel file, SavedOptions options) = _ours[plain];
        BatchedOnnxTransformer loaded = options.Kind == SavedKind.Tensors
            ? SavedTensors.Load(_catalog, file, options, _device, _host)
            : SavedImages.Load(_catalog, file, options, _device, _host);

        // The file is the transformer's from now on.
        _ours.Remove(plain);
        (plain as IDisposable)?.Dispose();
        return loaded;
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer)
        => transformer is TransformerChain<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];
}
