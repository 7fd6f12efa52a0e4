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
        Dictionary<string, OrtValue> tensors = names.Zip(results).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var verification = new OnnxVerification(CompareLayers(steps, stepNames, tensors, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return CompareOptimized(verification, outline, tensors, steps.Logits < 0 ? null : stepNames[steps.Logits]);
    }

    private IReadOnlyList<TensorDifference> CompareLayers(
        NetworkSteps steps, string[] stepNames, Dictionary<string, OrtValue> tensors, CancellationToken cancellationToken)
    {
        Device device = network.parameters().Select(p => p.device).FirstOrDefault() ?? CPU;
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using var exact = new ExactArithmetic(device);
        var layers = new LayerComparison(tensors, _batch, shape, device, tolerance);
        Tensor result = layers.Run(steps, stepNames, cancellationToken);
        var judgement = new Judgement(layers.Differences, tolerance, () => layers.MeasureNoise(steps, stepNames, cancellationToken));
        RefuseDifferent(judgement, layers.Faults);
        layers.RequireSameAsWhole(result, network);
        return judgement.Tensors;
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

    private void RefuseDifferent(Judgement judgement, IReadOnlyDictionary<string, string> faults)
    {
        if (judgement.Beyond.Count == 0)
        {
            return;
        }

        TensorDifference worst = judgement.Worst;
        throw new OnnxVerificationException(
            $"'{displayName}' is not what torch computes: '{worst.Name}' {faults.GetValueOrDefault(worst.Name) ?? judgement.Describe(worst)}. "
            + $"{judgement.Beyond.Count} of {judgement.Tensors.Count} tensors are beyond the tolerance; the first one in running order is '{judgement.Beyond[0].Name}'.",
            worst,
            new OnnxVerification(judgement.Tensors));
    }

    // The file as the scorer opens it, with what ONNX Runtime makes of several layers at once.
    private OnnxVerification CompareOptimized(OnnxVerification verification, OnnxOutline outline, Dictionary<string, OrtValue> tensors, string? logits)
    {
        string[] names = [.. ((string?[])[OnnxGraphWriter.ScoreName, logits]).OfType<string>().Where(tensors.ContainsKey).Distinct()];
        using InferenceSession session = OnnxSessions.Create(path, ExposedOutputs.Load(path, names.Except(outline.Outputs)), device: null, threads: 0, out _, out _);
        using var runOptions = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(_batch, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, [OnnxGraphWriter.InputName], [input], names);
        Comparison[] optimized = [.. names.Zip(results, (name, value) => Comparison.Of(tensors[name].GetTensorDataAsSpan<float>(), value.GetTensorDataAsSpan<float>()))];
        verification = verification with
        {
            OptimizedScoreDifference = optimized[0].RelativeDifference * optimized[0].LargestMagnitude,
            OptimizedLogitsDifference = optimized[^1].RelativeDifference,
        };
        TensorDifference last = verification.Tensors.LastOrDefault(tensor => tensor.Name == names[^1]) ?? verification.Tensors[^1];
        double allowed = Math.Max(tolerance, last.AllowedEndToEnd);
        bool isScoreBound = verification.OptimizedScoreDifference <= allowed * Math.Max(1, last.LargestMagnitude);
        if (!(verification.OptimizedLogitsDifference <= allowed) || !isScoreBound)
        {
            string figures = string.Create(
                CultureInfo.InvariantCulture,
                $"'{last.Name}' differs by {verification.OptimizedLogitsDifference:0.0e+0} of its largest magnitude (allowed: {allowed:0.0e+0}), "
                + $"'{OnnxGraphWriter.ScoreName}' by {verification.OptimizedScoreDifference:0.0e+0}");
            throw new OnnxVerificationException(
                $"'{displayName}' with ONNX Runtime's optimisations is not what it is layer by layer: {figures}; this ONNX Runtime's optimisations are at fault, so try another version of it.",
                last,
                verification);
        }

        return verification;
    }
}
