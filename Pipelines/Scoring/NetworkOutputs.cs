using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>What an image network is asked for in each run: names in its graph, empty where it is not asked for that.</summary>
internal sealed record NetworkOutputs
{
    /// <summary>The probabilities' name where a file has several outputs.</summary>
    public const string ScoreName = "Score";

    /// <summary>The logits' name where a file gives them out by itself.</summary>
    public const string LogitsName = "Logits";

    private const int MostNames = 40;

    /// <summary>Whether the network's scores are asked for.</summary>
    public bool Score { get; private init; } = true;

    /// <summary>The tensor that goes into the softmax; empty for none.</summary>
    public string Logits { get; private init; } = string.Empty;

    /// <summary>The inner layer's tensor; empty for none.</summary>
    public string Features { get; private init; } = string.Empty;

    /// <summary>Names that the file keeps to itself: they are made outputs when it is opened.</summary>
    public IReadOnlyList<string> Hidden { get; private init; } = [];

    /// <summary>Finds what the options ask for.</summary>
    /// <exception cref="OnnxScoringException">There is no such layer, or no logits.</exception>
    public static NetworkOutputs Find(ImageModelFiles files, OnnxImageScorerOptions options)
    {
        bool score = !options.FeaturesOnly;
        if (!options.Logits && options.Layer is null)
        {
            return new NetworkOutputs { Score = score };
        }

        OnnxOutline outline = Outline(files.ModelPath);
        string logits = options.Logits ? FindLogits(outline, files.ModelPath) : string.Empty;
        string features = options.Layer is { } layer ? FindLayer(outline, files, layer) : string.Empty;
        return new NetworkOutputs
        {
            Score = score,
            Logits = logits,
            Features = features,
            Hidden = [.. ((string[])[logits, features]).Where(name => name.Length > 0 && !outline.Outputs.Contains(name)).Distinct()],
        };
    }

    private static OnnxOutline Outline(string path)
    {
        try
        {
            OnnxFile.Check(path);
            return OnnxOutline.Read(path);
        }
        catch (Exception e) when (e is OnnxFormatException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxScoringException($"The model '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static string FindLogits(OnnxOutline outline, string path)
    {
        if (outline.Outputs.Contains(LogitsName))
        {
            return LogitsName;
        }

        string score = outline.Outputs.Contains(ScoreName) || outline.Outputs.Count == 0 ? ScoreName : outline.Outputs[0];
        return outline.Producer(score) is { OpType: "Softmax", Input: [var logits, ..] } && outline.Tensors.Contains(logits)
            ? logits
            : throw new OnnxScoringException(
                $"The model '{path}' has no output named {LogitsName}, and its output '{score}' does not come out of a Softmax, so there are no logits to be had.");
    }

    private static string FindLayer(OnnxOutline outline, ImageModelFiles files, string layer)
    {
        if (outline.Tensors.Contains(layer))
        {
            return layer;
        }

        // A file's own features go by the layer they show; other makers' graphs name nodes, not tensors.
        if (files.Metadata.Features.FirstOrDefault(feature => feature.Value == layer).Key is { } output && outline.Tensors.Contains(output))
        {
            return output;
        }

        return outline.Node(layer)?.Output.FirstOrDefault()
            ?? throw new OnnxScoringException($"The model '{files.ModelPath}' has no layer '{layer}'; it has {Names(outline.Tensors)}.");
    }

    private static string Names(IReadOnlySet<string> tensors)
        => string.Join(", ", tensors.Take(MostNames)) + (tensors.Count > MostNames ? $" and {tensors.Count - MostNames} more" : string.Empty);

    /// <summary>The file's bytes with what is hidden in it made outputs; null where nothing is.</summary>
    public byte[]? Expose(string path)
    {
        if (Hidden.Count == 0)
        {
            return null;
        }

        try
        {
            return ExposedOutputs.Load(path, Hidden);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxScoringException($"The model '{path}' cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>What one run gave, each <c>[rows, length]</c>; empty where it was not asked for.</summary>
internal readonly record struct BatchOutputs(float[] Scores, float[] Logits, float[] Features);
