using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// Runs a network in torch, module by module, beside the tensors that ONNX Runtime computed from the same batch. Modules are run one by
/// one because a Sequential disposes what is in between, and each result is compared before the next module runs, which may change it in
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

    // Makes the next module's input out of what ONNX Runtime computed; null where that is not to be had.
    private Func<Tensor>? _ownInput;

    // Whether a layer has been run that can turn rounding into larger differences.
    private bool _magnifies;

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
        _ownInput = () => ToTorch(batch, shape);
    }

    /// <summary>What was compared so far.</summary>
    public IReadOnlyList<TensorDifference> Differences => _differences;

    /// <summary>What is wrong with a tensor, where it is not just its values.</summary>
    public IReadOnlyDictionary<string, string> Faults => _faults;

    /// <summary>Runs the modules over the batch and compares every result.</summary>
    /// <returns>The network's result; the caller disposes it.</returns>
    public Tensor Run(IReadOnlyList<ModuleStep> steps, int softmax, CancellationToken cancellationToken)
    {
        Tensor value = _ownInput!();
        for (int i = 0; i < steps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ModuleStep step = steps[i];
            _magnifies |= ModuleTree.Magnifies(step.Module);
            if (i == softmax)
            {
                value = Advance(OnnxGraphWriter.ScoreName, step.Run, value, isScore: true);
            }
            else if (_onnx.ContainsKey(step.Path))
            {
                value = Advance(step.Path, step.Run, value, isScore: false);
            }
            else
            {
                value = Vanish(step, value);
            }
        }

        if (softmax < 0)
        {
            using Tensor score = Advance(
                OnnxGraphWriter.ScoreName, static logits => logits.softmax(-1), value.alias(), isScore: true);
        }

        return value;
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

    // Runs one module and compares. The input is consumed.
    private Tensor Advance(string name, Func<Tensor, Tensor> run, Tensor input, bool isScore)
    {
        Tensor output = RunAndDispose(run, input);
        OrtValue onnx = _onnx[name];
        long[] onnxShape = onnx.GetTensorTypeAndShape().Shape;
        if (!output.shape.AsSpan().SequenceEqual(onnxShape))
        {
            _faults[name] = $"has the shape [{string.Join(", ", onnxShape)}] in ONNX Runtime and [{string.Join(", ", output.shape)}] in torch";
            _differences.Add(new TensorDifference(name, 0, double.PositiveInfinity));
            _ownInput = null;
            return output;
        }

        ReadOnlySpan<float> onnxValues = onnx.GetTensorDataAsSpan<float>();
        Comparison endToEnd = Compare(output, onnxValues);
        Comparison judged = endToEnd;
        if ((isScore || (_magnifies && endToEnd.RelativeDifference > _tolerance)) && _ownInput is not null)
        {
            using Tensor own = RunAndDispose(run, _ownInput());
            judged = Compare(own, onnxValues);
        }

        if (double.IsInfinity(judged.RelativeDifference))
        {
            _faults[name] = "holds NaN or infinite values, or other values than zeros where torch has nothing else";
        }

        _differences.Add(new TensorDifference(name, endToEnd.LargestMagnitude, judged.RelativeDifference)
        {
            EndToEndDifference = endToEnd.RelativeDifference,
        });
        _ownInput = () => ToTorch(onnx.GetTensorDataAsSpan<float>().ToArray(), onnxShape);
        return output;
    }

    // A module that the file does not have may only be one that changes nothing.
    private Tensor Vanish(ModuleStep step, Tensor input)
    {
        long[] shape = input.shape;
        float[] before = Values(input);
        Tensor output = RunAndDispose(step.Run, input);
        if (!output.shape.AsSpan().SequenceEqual(shape) || Compare(output, before).RelativeDifference != 0)
        {
            _faults[step.Path] = "is not in the file";
            _differences.Add(new TensorDifference(step.Path, 0, double.PositiveInfinity));
            _ownInput = null;
        }

        return output;
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

    private static Tensor RunAndDispose(Func<Tensor, Tensor> run, Tensor input)
    {
        Tensor output = run(input);
        if (!ReferenceEquals(output, input))
        {
            input.Dispose();
        }

        return output;
    }

    private Tensor ToTorch(float[] values, long[] shape)
    {
        Tensor host = tensor(values, shape);
        return _device.type == DeviceType.CPU ? host : host.to(_device, disposeAfter: true);
    }
}
