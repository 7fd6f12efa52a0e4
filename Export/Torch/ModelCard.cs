using System.Globalization;
using System.Text;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// A model's description for people, as README.md beside it: what goes in and comes out, what it was trained on and how, what was measured.
/// </summary>
public sealed class ModelCard
{
    private readonly List<(string What, string Text)> _facts = [];
    private readonly string _title;
    private readonly string _summary;

    /// <summary>A card without facts.</summary>
    /// <param name="title">The model's name.</param>
    /// <param name="summary">One sentence on what it is.</param>
    public ModelCard(string title, string summary)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        ArgumentException.ThrowIfNullOrWhiteSpace(summary);
        (_title, _summary) = (title, summary);
    }

    /// <summary>A card with what an export knows.</summary>
    /// <param name="title">The model's name.</param>
    /// <param name="network">The network that was exported.</param>
    /// <param name="options">The export's options.</param>
    /// <param name="report">The export's result.</param>
    /// <param name="run">The run that trained it; null where that is not known.</param>
    /// <param name="input">How much preprocessing is inside.</param>
    /// <param name="precision">How the weights are held.</param>
    public static ModelCard Of(
        string title,
        nn.Module network,
        OnnxExportOptions options,
        OnnxExportReport report,
        RunDescription? run = null,
        OnnxInputForm input = OnnxInputForm.Tensor,
        OnnxPrecision precision = OnnxPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        long parameters = network.parameters().Sum(parameter => parameter.numel());
        string what = run is null ? network.GetType().Name : run.Architecture == OnnxRuns.NetworkFile ? "A network that came as ONNX" : string.Create(CultureInfo.InvariantCulture, $"{run.Architecture} of width {run.Network.Width}");
        var card = new ModelCard(title, string.Create(CultureInfo.InvariantCulture, $"{what}, {parameters:N0} parameters, for {options.Labels.Count} classes."));
        card.Add("input", Input(options.Preprocessing, input));
        card.Add("output", Outputs(options));
        card.Add("format", $"ONNX opset {options.Opset}, {Size(report.Bytes)}{precision switch { OnnxPrecision.Float16 => ", weights in half precision", OnnxPrecision.Int8 => ", eight bits (QDQ: weights per channel, activations)", _ => "" }}; labels, preprocessing and decoder stand in the file's metadata");
        if (run is { IsImported: false })
        {
            card.Add("data", string.Create(CultureInfo.InvariantCulture, $"{run.Data.TrainingPictures:N0} training and {run.Data.ValidationPictures:N0} validation pictures (fingerprint {run.Data.Fingerprint})"));
            card.Add("recipe", $"{run.Recipe.Title}: {string.Join("; ", run.Recipe.Describe(run.ShorterSide).Select(fact => $"{fact.Name} {fact.Value}"))}");
        }

        card.Add("against torch", string.Create(
            CultureInfo.InvariantCulture, $"every layer and the logits agree with ONNX Runtime within {report.Verification.WorstRelativeDifference:0.0e+0} of their largest magnitude"));
        return card;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="what">What it is about.</param>
    /// <param name="text">Markdown of one line; null or empty adds nothing.</param>
    /// <returns>This card.</returns>
    public ModelCard Add(string what, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            _facts.Add((what, text));
        }

        return this;
    }

    /// <summary>Adds the accuracy on pictures.</summary>
    /// <param name="pictures">Which ones.</param>
    /// <param name="result">What was measured.</param>
    public ModelCard Add(string pictures, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Add("accuracy", string.Create(CultureInfo.InvariantCulture, $"top-1 **{result.Top1:F4}**, top-5 {result.Top5:F4} on {result.Images:N0} pictures ({pictures})"));
    }

    /// <summary>The card.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {_title}\n\n{_summary}\n\n| | |\n| --- | --- |\n");
        foreach ((string what, string fact) in _facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {OneLine(what)} | {OneLine(fact)} |\n");
        }

        text.Append("\nLimits: it knows the classes it was trained on and nothing else; a picture of something else gets one of these labels too. Accuracy holds for pictures like those it was measured on.\n");
        return text.ToString();
    }

    private static string Input(ImagePreprocessing preprocessing, OnnxInputForm form)
    {
        int side = preprocessing.ShorterSide, crop = preprocessing.CropSide;
        string resized = string.Create(CultureInfo.InvariantCulture, $"pictures; shorter side to {side} ({preprocessing.Filter.ToString().ToLowerInvariant()}, antialiased)");
        return form switch
        {
            OnnxInputForm.Tensor => string.Create(CultureInfo.InvariantCulture, $"{resized}, centre {crop}×{crop}, {preprocessing.ChannelOrder.ToString().ToUpperInvariant()}, normalised as `preprocessor_config.json` says: `input` [batch, 3, {crop}, {crop}] float32"),
            OnnxInputForm.Window => string.Create(CultureInfo.InvariantCulture, $"{resized}, centre {crop}×{crop}: `pixels` [batch, {crop}, {crop}, 3] uint8; normalisation is inside"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{resized}, centre square: `pixels` [batch, {side}, {side}, 3] uint8; normalisation{(form == OnnxInputForm.TenCrop ? " and the mean over ten windows are" : " is")} inside"),
        };
    }

    private static string Outputs(OnnxExportOptions options)
    {
        var outputs = new List<string> { $"`Score` [batch, {options.Labels.Count}]: probabilities in the order of `labels.txt`" };
        if (options.Logits)
        {
            outputs.Add("`Logits`: the values in front of the softmax");
        }

        outputs.AddRange(options.Features.Select(layer => $"`{layer}`: that layer's results"));
        return string.Join("; ", outputs);
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F2} MB");

    private static string OneLine(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
