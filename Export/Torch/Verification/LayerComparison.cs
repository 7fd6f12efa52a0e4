using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// Runs a network in torch, module by module, beside the tensors that ONNX Runtime computed from the same batch. Modules are run one by
/// one because containers dispose what is in between, and each result is compared before the next module runs, which may change it in
/// place.
/// </summary>
internal sealed class LayerComparison
{
    private readonly IReadOnlyDictionary<string, OrtValue> _onnx;
    private readonly Device _device;
    private readonly double _tolerance;
    private readonly float[] _batch;
    private readonly long[] _shape;
    private readonly List<TensorDifference> _differences = [];
    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);

    /// <param name="onnx">ONNX Runtime's tensors by name.</param>
    /// <param name="batch">The input, row-major.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="tolerance">The largest difference that is not questioned, relative to a tensor's largest magnitude.</param>
    public LayerComparison(IReadOnlyDictionary<string, OrtValue> onnx, float[] batch, long[] shape, Device device, double tolerance)
    {
        _onnx = onnx;
        _device = device;
        _tolerance = tolerance;
        _batch = batch;
        _shape = shape;
    }

    /// <summary>What was compared so far.</summary>
    public IReadOnlyList<TensorDifference> Differences => _differences;

    /// <summary>What is wrong with a tensor, where it is not just its values.</summary>
    public IReadOnlyDictionary<string, string> Faults => _faults;

    /// <summary>Runs the modules over the batch and compares every result.</summary>
    /// <param name="network">The modules.</param>
    /// <param name="names">Every step's tensor in the file.</param>
    /// <param name="cancellationToken">Stops between two modules.</param>
    /// <returns>The network's result; the caller disposes it.</returns>
    public Tensor Run(NetworkSteps network, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModuleStep> steps = network.Steps;
        var lifetimes = new StepLifetimes(network);
        var input = new Value(ToTorch(_batch, _shape), () => ToTorch(_batch, _shape));
        var values = new Value?[steps.Count];
        for (int i = 0; i < steps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Value[] inputs = [.. steps[i].Inputs.Select(step => step < 0 ? input : values[step]!)];
            values[i] = _onnx.ContainsKey(names[i])
                ? Advance(names[i], steps[i], inputs, isScore: i == network.Softmax)
                : Vanish(steps[i], inputs);
            lifetimes.End(values, value => value.Torch, i);
        }

        Value result = network.Result < 0 ? input : values[network.Result]!;
        if (network.Softmax < 0)
        {
            var softmax = new ModuleStep(OnnxGraphWriter.ScoreName, nn.Softmax(-1), [network.Result]);
            using Tensor score = Advance(OnnxGraphWriter.ScoreName, softmax, [result], isScore: true).Torch;
        }

        return result.Torch;
    }

    /// <summary>
    /// The modules one after the other must be what the network itself computes: a derived class or a hook could change that.
    /// </summary>
    /// <param name="result">What the modules computed.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="OnnxVerificationException">They are not.</exception>
    public void RequireSameAsWhole(Tensor result, nn.Module<Tensor, Tensor> network)
    {
        using Tensor input = ToTorch(_batch, _shape);
        using Tensor whole = network.call(input);
        if (!whole.shape.AsSpan().SequenceEqual(result.shape) || !(Comparison.Of(whole, result).RelativeDifference <= _tolerance))
        {
            throw new OnnxVerificationException(
                $"The network ({network.GetType()}) computes something else than its modules one after the other; it can be exported only as a plain "
                + "Sequential, without hooks that change values, or through a handler of its own.");
        }
    }

    /// <summary>What rounding alone does to each tensor of the file.</summary>
    /// <param name="network">The modules.</param>
    /// <param name="names">Every step's tensor in the file.</param>
    /// <param name="cancellationToken">Stops between two modules.</param>
    public IReadOnlyDictionary<string, NoiseEffect> MeasureNoise(NetworkSteps network, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        NoiseEffect[] effects = RoundingNoise.Measure(network, () => ToTorch(_batch, _shape), cancellationToken);
        var byName = new Dictionary<string, NoiseEffect>(StringComparer.Ordinal);
        for (int i = 0; i < effects.Length; i++)
            byName[names[i]] = effects[i];
        return byName;
    }

    // Runs one module and compares.
    private Value Advance(string name, ModuleStep step, Value[] inputs, bool isScore)
    {
        Tensor output = step.Run(Array.ConvertAll(inputs, input => input.Torch));
        OrtValue onnx = _onnx[name];
        long[] onnxShape = onnx.GetTensorTypeAndShape().Shape;
        if (!output.shape.AsSpan().SequenceEqual(onnxShape))
        {
            _faults[name] = $"has the shape [{string.Join(", ", onnxShape)}] in ONNX Runtime and [{string.Join(", ", output.shape)}] in torch";
            _differences.Add(new TensorDifference(name, 0, double.PositiveInfinity));
            return new Value(output, null);
        }

        ReadOnlySpan<float> onnxValues = onnx.GetTensorDataAsSpan<float>();
        Comparison endToEnd = Comparison.Of(output, onnxValues);
        Comparison judged = endToEnd;
        if ((isScore || endToEnd.RelativeDifference > _tolerance) && Array.TrueForAll(inputs, input => input.Onnx is not null))
        {
            using var scope = NewDisposeScope();
            judged = Comparison.Of(step.Run(Array.ConvertAll(inputs, input => input.Onnx!())), onnxValues);
        }

        if (double.IsInfinity(judged.RelativeDifference))
        {
            _faults[name] = "holds NaN or infinite values, or other values than zeros where torch has nothing else";
        }

        _differences.Add(new TensorDifference(name, endToEnd.LargestMagnitude, judged.RelativeDifference)
        {
            EndToEndDifference = endToEnd.RelativeDifference,
        });
        return new Value(output, () => ToTorch(onnx.GetTensorDataAsSpan<float>().ToArray(), onnxShape));
    }

    // A module that the file does not have may only be one that changes nothing.
    private Value Vanish(ModuleStep step, Value[] inputs)
    {
        Tensor input = inputs[0].Torch;
        long[] shape = input.shape;
        using Tensor before = input.clone();
        Tensor output = step.Run(Array.ConvertAll(inputs, value => value.Torch));
        if (inputs.Length > 1 || !output.shape.AsSpan().SequenceEqual(shape) || Comparison.Of(output, before).RelativeDifference != 0)
        {
            _faults[step.Path] = "is not in the file";
            _differences.Add(new TensorDifference(step.Path, 0, double.PositiveInfinity));
            return new Value(output, null);
        }

        return inputs[0] with { Torch = output };
    }

    private Tensor ToTorch(float[] values, long[] shape)
    {
        Tensor host = tensor(values, shape);
        return _device.type == DeviceType.CPU ? host : host.to(_device, disposeAfter: true);
    }

    /// <summary>A step's result.</summary>
    /// <param name="Torch">What torch computed, from the network's input on.</param>
    /// <param name="Onnx">Makes a tensor of what ONNX Runtime computed; null where that is not to be had.</param>
    private sealed record Value(Tensor Torch, Func<Tensor>? Onnx);
}
