using System.Globalization;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>One comparison of a network with one file.</summary>
internal sealed class VerificationRun(
    nn.Module<Tensor, Tensor> network,
    OnnxHandlerRegistry handlers,
    string path,
    string displayName,
    long[] shape,
    long seed,
    double tolerance)
{
    private readonly float[] _batch = VerificationBatch.Create(shape.Aggregate(1L, (a, b) => a * b), seed);

    /// <exception cref="OnnxVerificationException">They differ.</exception>
    /// <exception cref="OnnxRuntimeException">The file does not run.</exception>
    /// <exception cref="OnnxScoringException">The file does not load.</exception>
    public OnnxVerification Compare(CancellationToken cancellationToken)
    {
        OnnxOutline outline = Outline();
        float[] optimizedScore = OptimizedScore();
        cancellationToken.ThrowIfCancellationRequested();

        // A normalisation that the file does not have has become part of the convolution before it.
        var steps = new NetworkSteps(network, handlers, normalization => !outline.Tensors.Contains(normalization));
        bool logits = outline.Outputs.Contains(OnnxGraphWriter.LogitsName);
        string[] stepNames = [.. Enumerable.Range(0, steps.Steps.Count).Select(i => OnnxGraphWriter.ResultName(steps, i, logits))];
        string[] names = [.. stepNames.Append(OnnxGraphWriter.ScoreName).Where(outline.Tensors.Contains).Distinct()];
        using InferenceSession session = OpenInstrumented(outline, names);
        using var runOptions = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(_batch, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, [OnnxGraphWriter.InputName], [input], names);
        cancellationToken.ThrowIfCancellationRequested();
        LayerComparison layers = CompareLayers(steps, stepNames, names, results, cancellationToken);

        ReadOnlySpan<float> score = results[Array.IndexOf(names, OnnxGraphWriter.ScoreName)].GetTensorDataAsSpan<float>();
        Comparison optimized = Comparison.Of(score, optimizedScore);
        var verification = new OnnxVerification(layers.Differences)
        {
            OptimizedScoreDifference = optimized.RelativeDifference * optimized.LargestMagnitude,
        };
        RefuseOptimized(verification);
        return verification;
    }

    private LayerComparison CompareLayers(NetworkSteps steps, string[] stepNames, string[] names, IReadOnlyList<OrtValue> results, CancellationToken cancellationToken)
    {
        Device device = network.parameters().Select(p => p.device).FirstOrDefault() ?? CPU;
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using var exact = new ExactArithmetic(device);
        var layers = new LayerComparison(
            names.Zip(results).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal), _batch, shape, device, tolerance);
        Tensor result = layers.Run(steps, stepNames, cancellationToken);
        RefuseDifferent(layers);
        layers.RequireSameAsWhole(result, network);
        return layers;
    }

    private OnnxOutline Outline()
    {
        OnnxFile.Check(path);
        OnnxOutline outline = OnnxOutline.Read(path);
        return outline.Inputs.SequenceEqual([OnnxGraphWriter.InputName]) && outline.Outputs.Contains(OnnxGraphWriter.ScoreName)
            && outline.Tensors.Contains(OnnxGraphWriter.ScoreName)
            ? outline
            : throw new OnnxVerificationException(
                $"'{displayName}' has the inputs [{string.Join(", ", outline.Inputs)}] and the outputs [{string.Join(", ", outline.Outputs)}]; "
                + $"an exported network has the input '{OnnxGraphWriter.InputName}' and the output '{OnnxGraphWriter.ScoreName}'.");
    }

    // The file as it stands, opened as the scorer opens it.
    private float[] OptimizedScore()
    {
        using InferenceSession session = OnnxSessions.Create(path);
        using var runOptions = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(_batch, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            runOptions, [OnnxGraphWriter.InputName], [input], [OnnxGraphWriter.ScoreName]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    // Without optimisations, so that every tensor is computed as the file says.
    private InferenceSession OpenInstrumented(OnnxOutline outline, IEnumerable<string> names)
    {
        byte[] model = ExposedOutputs.Load(path, names.Except(outline.Outputs));
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = Environment.ProcessorCount,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"); // torch's threads take turns with these
        return new InferenceSession(model, options);
    }

    private void RefuseDifferent(LayerComparison layers)
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
            $"'{displayName}' is not what torch computes: '{worst.Name}' {what}. {beyond.Length} of {layers.Differences.Count} tensors are beyond "
            + $"the tolerance; the first one in running order is '{beyond[0].Name}'.",
            worst,
            new OnnxVerification(layers.Differences));
    }

    // Probabilities move by at most half of what logits move by (the softmax's Lipschitz constant), so logits that agree to the
    // tolerance, or to what saturating layers left of it, allow them this much.
    private void RefuseOptimized(OnnxVerification verification)
    {
        TensorDifference[] layers = [.. verification.Tensors.SkipLast(1)];
        double accumulated = Math.Max(tolerance, layers.Select(t => t.EndToEndDifference).DefaultIfEmpty().Max());
        double allowed = accumulated * Math.Max(1, layers.Length == 0 ? 0 : layers[^1].LargestMagnitude);
        if (!(verification.OptimizedScoreDifference <= allowed))
        {
            string figures = string.Create(
                CultureInfo.InvariantCulture, $"{verification.OptimizedScoreDifference:0.0e+0} (allowed: {allowed:0.0e+0})");
            throw new OnnxVerificationException(
                $"'{displayName}' with ONNX Runtime's optimisations: '{OnnxGraphWriter.ScoreName}' differs from the layer-by-layer run by {figures}.",
                verification.Tensors[^1],
                verification);
        }
    }
}
