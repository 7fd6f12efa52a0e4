using System.Globalization;
using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Compares a network in torch with an ONNX file of it on ONNX Runtime.</summary>
public static class OnnxVerifier
{
    /// <summary>
    /// Runs the same random batch (uniform over ±128) through both and compares the logits and every named layer, each against its own
    /// largest magnitude; then checks that the file as it stands, with ONNX Runtime's optimisations, gives the same <c>Score</c>. The file is not changed.
    /// </summary>
    /// <param name="network">The network; it runs in evaluation mode, weights and modes are afterwards what they were.</param>
    /// <param name="onnxPath">A file that <see cref="OnnxExporter"/> wrote of it.</param>
    /// <param name="inputShape">One row's shape, [channels, height, width].</param>
    /// <param name="rows">Rows of the batch, 1 to 256.</param>
    /// <param name="seed">Seed of the batch.</param>
    /// <param name="tolerance">How far a tensor may differ, relative to its largest magnitude.</param>
    /// <param name="handlers">The registry the file was exported with. Default: <see cref="OnnxHandlerRegistry.Default"/>.</param>
    /// <param name="cancellationToken">Stops the comparison between two layers.</param>
    /// <returns>Every tensor's difference.</returns>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <exception cref="OnnxVerificationException">
    /// A tensor is missing, has another shape, holds NaN or infinity, or differs by more than the tolerance; or ONNX Runtime refuses the file.
    /// </exception>
    /// <exception cref="OnnxFormatException">Not an ONNX file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxVerification Verify(
        nn.Module<Tensor, Tensor> network,
        string onnxPath,
        long[] inputShape,
        int rows = 4,
        long seed = 1,
        double tolerance = 1e-5,
        OnnxHandlerRegistry? handlers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(onnxPath);
        ArgumentNullException.ThrowIfNull(inputShape);
        if (inputShape.Length == 0 || inputShape.Any(length => length is < 1 or > 1 << 16) || inputShape.Aggregate(1.0, (a, b) => a * b) > 1 << 28)
        {
            throw new ArgumentException(
                $"The input shape is [{string.Join(", ", inputShape)}]; axes are 1 to 65536 long and a row has at most 2^28 numbers.", nameof(inputShape));
        }

        if (rows is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(nameof(rows), rows, "A verification takes 1 to 256 rows.");
        }

        if (!(tolerance > 0 && tolerance < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "The tolerance is above 0 and below 1; 1e-5 suits float32.");
        }

        IReadOnlyList<ModuleStep> steps = ModuleTree.Flatten(network, handlers ?? OnnxHandlerRegistry.Default);
        long[] shape = [rows, .. inputShape];
        float[] batch = VerificationBatch.Create(shape.Aggregate(1L, (a, b) => a * b), seed);
        try
        {
            return Compare(network, steps, onnxPath, batch, shape, tolerance, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxVerificationException($"ONNX Runtime cannot run '{onnxPath}': {e.Message}", e);
        }
    }

    private static OnnxVerification Compare(
        nn.Module<Tensor, Tensor> network,
        IReadOnlyList<ModuleStep> steps,
        string path,
        float[] batch,
        long[] shape,
        double tolerance,
        CancellationToken cancellationToken)
    {
        int softmax = ModuleTree.SoftmaxIndex(steps);
        float[] score;
        LayerComparison layers;
        using (InferenceSession session = OpenInstrumented(path, steps, softmax, out string[] names))
        using (var runOptions = new RunOptions())
        using (OrtValue input = OrtValue.CreateTensorValueFromMemory(batch, shape))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, [OnnxGraphWriter.InputName], [input], names);
            score = results[Array.IndexOf(names, OnnxGraphWriter.ScoreName)].GetTensorDataAsSpan<float>().ToArray();
            layers = CompareLayers(network, steps, softmax, path, names, results, batch, shape, tolerance, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var verification = new OnnxVerification(layers.Differences)
        {
            OptimizedScoreDifference = OptimizedScoreDifference(path, batch, shape, score),
        };
        RefuseOptimized(verification, tolerance, path);
        return verification;
    }

    private static LayerComparison CompareLayers(
        nn.Module<Tensor, Tensor> network,
        IReadOnlyList<ModuleStep> steps,
        int softmax,
        string path,
        string[] names,
        IReadOnlyList<OrtValue> results,
        float[] batch,
        long[] shape,
        double tolerance,
        CancellationToken cancellationToken)
    {
        Device device = network.parameters().Select(p => p.device).FirstOrDefault() ?? CPU;
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using var exact = new ExactArithmetic(device);
        var layers = new LayerComparison(
            names.Zip(results).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal), batch, shape, device, tolerance);
        Tensor result = layers.Run(steps, softmax, cancellationToken);
        RefuseDifferent(layers, tolerance, path);
        layers.RequireSameAsWhole(result, network);
        return layers;
    }

    // Without optimisations every tensor is computed as the file says; what the optimised graph makes of it is checked at its output.
    private static InferenceSession OpenInstrumented(string path, IReadOnlyList<ModuleStep> steps, int softmax, out string[] names)
    {
        string[] wanted = [.. steps.Select((step, i) => i == softmax ? OnnxGraphWriter.ScoreName : step.Path)];
        InstrumentedModel model = InstrumentedModel.Load(path, wanted);
        if (!model.Outline.Inputs.SequenceEqual([OnnxGraphWriter.InputName]) || !model.Outline.Outputs.Contains(OnnxGraphWriter.ScoreName))
        {
            throw new OnnxVerificationException(
                $"'{path}' has the inputs [{string.Join(", ", model.Outline.Inputs)}] and the outputs [{string.Join(", ", model.Outline.Outputs)}]; "
                + $"an exported network has the input '{OnnxGraphWriter.InputName}' and the output '{OnnxGraphWriter.ScoreName}'.");
        }

        names = [.. wanted.Append(OnnxGraphWriter.ScoreName).Where(model.Outline.Tensors.Contains).Distinct(StringComparer.Ordinal)];
        using SessionOptions options = Options(GraphOptimizationLevel.ORT_DISABLE_ALL);
        return new InferenceSession(model.Bytes, options);
    }

    private static double OptimizedScoreDifference(string path, float[] batch, long[] shape, float[] score)
    {
        using SessionOptions options = Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        using var session = new InferenceSession(path, options);
        using var runOptions = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(batch, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            runOptions, [OnnxGraphWriter.InputName], [input], [OnnxGraphWriter.ScoreName]);
        Comparison comparison = Comparison.Of(score, results[0].GetTensorDataAsSpan<float>());
        return comparison.RelativeDifference * comparison.LargestMagnitude;
    }

    private static SessionOptions Options(GraphOptimizationLevel level)
        => new() { GraphOptimizationLevel = level, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };

    private static void RefuseDifferent(LayerComparison layers, double tolerance, string path)
    {
        TensorDifference[] beyond = [.. layers.Differences.Where(t => !(t.RelativeDifference <= tolerance))];
        if (beyond.Length == 0)
        {
            return;
        }

        TensorDifference worst = beyond.MaxBy(t => t.RelativeDifference)!;
        string what = layers.Faults.GetValueOrDefault(worst.Name) ?? string.Create(
            CultureInfo.InvariantCulture,
            $"differs by {worst.RelativeDifference:0.0e+0} of its largest magnitude, {worst.LargestMagnitude:0.###} (allowed: {tolerance:0.0e+0})");
        throw new OnnxVerificationException(
            $"'{path}' is not what torch computes: '{worst.Name}' {what}. {beyond.Length} of {layers.Differences.Count} tensors are beyond "
            + $"the tolerance; the first one in running order is '{beyond[0].Name}'.",
            worst,
            new OnnxVerification(layers.Differences));
    }

    // Probabilities move by at most half of what logits move by (the softmax's Lipschitz constant), so logits that agree to the tolerance, or
    // to what saturating layers left of it, allow them this much.
    private static void RefuseOptimized(OnnxVerification verification, double tolerance, string path)
    {
        TensorDifference[] layers = [.. verification.Tensors.SkipLast(1)];
        double accumulated = Math.Max(tolerance, layers.Select(t => t.EndToEndDifference).DefaultIfEmpty().Max());
        double allowed = accumulated * Math.Max(1, layers.Length == 0 ? 0 : layers[^1].LargestMagnitude);
        if (!(verification.OptimizedScoreDifference <= allowed))
        {
            string figures = string.Create(
                CultureInfo.InvariantCulture, $"{verification.OptimizedScoreDifference:0.0e+0} (allowed: {allowed:0.0e+0})");
            throw new OnnxVerificationException(
                $"'{path}' with ONNX Runtime's optimisations: '{OnnxGraphWriter.ScoreName}' differs from the layer-by-layer run by {figures}.",
                verification.Tensors[^1],
                verification);
        }
    }
}
