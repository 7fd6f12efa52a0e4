using System.Globalization;
using AlexNetMl.Deployment;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Cli;

/// <summary>Makes a variant in an exported file's place and measures both while both are there.</summary>
/// <param name="options">What to make.</param>
/// <param name="pictures">Pictures to compare the two files on; null for none.</param>
/// <param name="threads">Threads of ONNX Runtime.</param>
/// <param name="evaluate">Accuracy of a file, null where no labelled pictures were given.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class VariantExport(
    DeploymentOptions options, IEnumerable<RgbImage>? pictures, int threads, Func<string, EvaluationResult?> evaluate, CancellationToken cancellationToken)
{
    public DeploymentOptions Options => options;

    /// <summary>Whether the exported file is what is wanted.</summary>
    public bool ChangesNothing => options.InputForm == OnnxInputForm.Tensor && options.Precision == OnnxPrecision.Float32;

    /// <summary>Speed and agreement, where the precision is another.</summary>
    public VariantComparison? Comparison { get; private set; }

    /// <summary>The float32 file's accuracy, where labelled pictures were given and the precision is another.</summary>
    public EvaluationResult? Accuracy { get; private set; }

    /// <summary>Puts the variant in a file's place.</summary>
    public void Make(string file)
    {
        if (options.Precision == OnnxPrecision.Float32)
        {
            ModelDeployment.Write(file, file, options, cancellationToken);
            return;
        }

        string variant = $"{file}.variant";
        try
        {
            ModelDeployment.Write(file, variant, options, cancellationToken);
            Comparison = VariantComparison.Measure(file, variant, pictures, threads: threads, cancellationToken: cancellationToken);
            Accuracy = options.InputForm == OnnxInputForm.TenCrop ? null : evaluate(file); // other windows, another figure
            File.Move(variant, file, overwrite: true);
        }
        finally
        {
            File.Delete(variant);
        }
    }

    /// <summary>What was measured, for a card or a console.</summary>
    /// <param name="accuracy">The variant's accuracy, where it was measured.</param>
    public IEnumerable<(string What, string Text)> Describe(EvaluationResult? accuracy)
    {
        if (Comparison is not { } found)
        {
            yield break;
        }

        string precision = options.Precision == OnnxPrecision.Int8 ? "eight bits" : "half precision";
        yield return ("against float32", string.Join("; ", Facts(found, accuracy)));
        yield return ("rate", string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Rate:F1} pictures/s in {precision}, {found.SourceRate:F1} in float32, {found.Speedup:F2} times, measured at export: ONNX Runtime on this processor, {found.Batch} at once, preprocessing apart"));
    }

    private IEnumerable<string> Facts(VariantComparison found, EvaluationResult? accuracy)
    {
        if (accuracy is not null && Accuracy is not null)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"top-1 {accuracy.Top1:F4} and {Accuracy.Top1:F4} in float32 on the same {accuracy.Images:N0} pictures ({100 * (accuracy.Top1 - Accuracy.Top1):+0.00;-0.00;0.00} points)");
        }

        if (found.Pictures > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"the same first label for {found.SameFirst:N0} of {found.Pictures:N0} pictures");
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"{found.Bytes / 1e6:F2} MB and {found.SourceBytes / 1e6:F2} MB");
    }
}
