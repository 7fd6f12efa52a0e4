using System.Runtime.InteropServices;
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
        int[] lastUse = LastUses(network);
        var input = new Value(ToTorch(_batch, _shape), () => ToTorch(_batch, _shape), Magnified: false);
        var values = new Value?[steps.Count];
        for (int i = 0; i < steps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Value[] inputs = [.. steps[i].Inputs.Select(step => step < 0 ? input : values[step]!)];
            values[i] = _onnx.ContainsKey(names[i])
                ? Advance(names[i], steps[i], inputs, isScore: i == network.Softmax)
                : Vanish(steps[i], inputs);
            GiveUp(values, lastUse, i);
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
        if (!whole.shape.AsSpan().SequenceEqual(result.shape) || !(Compare(whole, Values(result)).RelativeDifference <= _tolerance))
        {
            throw new OnnxVerificationException(
                $"The network ({network.GetType()}) computes something else than its modules one after the other; it can be exported only as a plain "
                + "Sequential, without hooks that change values, or through a handler of its own.");
        }
    }

    // Runs one module and compares.
    private Value Advance(string name, ModuleStep step, Value[] inputs, bool isScore)
    {
        bool magnified = step.Magnifies || inputs.Any(input => input.Magnified);
        Tensor output = step.Run(Array.ConvertAll(inputs, input => input.Torch));
        OrtValue onnx = _onnx[name];
        long[] onnxShape = onnx.GetTensorTypeAndShape().Shape;
        if (!output.shape.AsSpan().SequenceEqual(onnxShape))
        {
            _faults[name] = $"has the shape [{string.Join(", ", onnxShape)}] in ONNX Runtime and [{string.Join(", ", output.shape)}] in torch";
            _differences.Add(new TensorDifference(name, 0, double.PositiveInfinity));
            return new Value(output, null, magnified);
        }

        ReadOnlySpan<float> onnxValues = onnx.GetTensorDataAsSpan<float>();
        Comparison endToEnd = Compare(output, onnxValues);
        Comparison judged = endToEnd;
        if ((isScore || (magnified && endToEnd.RelativeDifference > _tolerance)) && Array.TrueForAll(inputs, input => input.Onnx is not null))
        {
            using var scope = NewDisposeScope();
            judged = Compare(step.Run(Array.ConvertAll(inputs, input => input.Onnx!())), onnxValues);
        }

        if (double.IsInfinity(judged.RelativeDifference))
        {
            _faults[name] = "holds NaN or infinite values, or other values than zeros where torch has nothing else";
        }

        _differences.Add(new TensorDifference(name, endToEnd.LargestMagnitude, judged.RelativeDifference)
        {
            EndToEndDifference = endToEnd.RelativeDifference,
        });
        return new Value(output, () => ToTorch(onnx.GetTensorDataAsSpan<float>().ToArray(), onnxShape), magnified);
    }

    // A module that the file does not have may only be one that changes nothing.
    private Value Vanish(ModuleStep step, Value[] inputs)
    {
        Tensor input = inputs[0].Torch;
        long[] shape = input.shape;
        float[] before = Values(input);
        Tensor output = step.Run(Array.ConvertAll(inputs, value => value.Torch));
        if (inputs.Length > 1 || !output.shape.AsSpan().SequenceEqual(shape) || Compare(output, before).RelativeDifference != 0)
        {
            _faults[step.Path] = "is not in the file";
            _differences.Add(new TensorDifference(step.Path, 0, double.PositiveInfinity));
            return new Value(output, null, inputs[0].Magnified);
        }

        return inputs[0] with { Torch = output };
    }

    private static int[] LastUses(NetworkSteps network)
    {
        int[] last = new int[network.Steps.Count];
        for (int i = 0; i < last.Length; i++)
        {
            foreach (int input in network.Steps[i].Inputs)
            {
                if (input >= 0)
                {
                    last[input] = i;
                }
            }
        }

        if (network.Result >= 0)
        {
            last[network.Result] = last.Length;
        }

        return last;
    }

    // A module that works in place, or changes nothing, gives back its input: one tensor under two steps.
    private static void GiveUp(Value?[] values, int[] lastUse, int step)
    {
        for (int i = 0; i <= step; i++)
        {
            if (lastUse[i] > step || values[i] is not { } value)
            {
                continue;
            }

            values[i] = null;
            if (!Array.Exists(values, other => ReferenceEquals(other?.Torch, value.Torch)))
            {
                value.Torch.Dispose();
            }
        }
    }

    private static Comparison Compare(Tensor reference, ReadOnlySpan<float> candidate)
    {
        using var scope = NewDisposeScope();
        return Comparison.Of(Elements(reference), candidate);
    }

    private static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return Elements(tensor).ToArray();
    }

    // Valid until the caller's scope ends.
    private static ReadOnlySpan<float> Elements(Tensor tensor)
        => MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().to(ScalarType.Float32).contiguous().bytes);

    private Tensor ToTorch(float[] values, long[] shape)
    {
        Tensor host = tensor(values, shape);
        return _device.type == DeviceType.CPU ? host : host.to(_device, disposeAfter: true);
    }

    /// <summary>A step's result.</summary>
    /// <param name="Torch">What torch computed, from the network's input on.</param>
    /// <param name="Onnx">Makes a tensor of what ONNX Runtime computed; null where that is not to be had.</param>
    /// <param name="Magnified">Whether a module before it can turn rounding into larger differences.</param>
    private sealed record Value(Tensor Torch, Func<Tensor>? Onnx, bool Magnified);
}
