using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// The weights that the optimizer keeps, and those that a step computes with: the same in float32. In bfloat16 the network holds rounded
/// copies of float32 weights, since a step of a thousandth of a weight would be lost in bfloat16's eight bits (Micikevicius et al., 2018). Its batch normalizations
/// and constants stay in float32.
/// </summary>
internal sealed class TrainedWeights : IDisposable
{
    private readonly Module<Tensor, Tensor> _network;
    private readonly (Parameter Rounded, Parameter Master)[] _pairs = [];

    /// <summary>Prepares a network, already on its device.</summary>
    internal TrainedWeights(Module<Tensor, Tensor> network, TrainingPrecision precision)
    {
        _network = network;
        Format = precision == TrainingPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        if (precision == TrainingPrecision.Float32)
        {
            Parameters = [.. network.named_parameters().Select(pair => (pair.Item1, pair.Item2))];
            return;
        }
        Parameters = [.. network.named_parameters().Select(pair => (pair.Item1, Copy(pair.Item2)))];
        ConvertNetwork(Format);
        _pairs = [.. network.parameters().Zip(Parameters, (rounded, master) => (rounded, master.Parameter))];
    }

    /// <summary>Number format of a step's passes.</summary>
    internal ScalarType Format { get; }

    /// <summary>The float32 weights by name, for the optimizer.</summary>
    internal IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>The float32 weights and the network's buffers by name: what a file holds.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State =>
        Parameters.Select(pair => (pair.Name, (Tensor)pair.Parameter)).Concat(_network.named_buffers().Select(pair => (pair.Item1, pair.Item2)));

    /// <summary>Logits of a batch in float32.</summary>
    internal Tensor Logits(Tensor inputs)
    {
        if (Format == ScalarType.Float32)
            return _network.call(inputs);
        return _network.call(inputs.to(Format)).to(ScalarType.Float32);
    }

    /// <summary>The factor on the losses of the further logits that <see cref="AllLogits"/> gives.</summary>
    internal double AuxiliaryWeight => (_network as IAuxiliaryClassifiers)?.AuxiliaryWeight ?? 0;

    /// <summary>Logits of a batch in float32, and those of the network's further classifiers, if it has any that train along.</summary>
    internal (Tensor Logits, Tensor[] Further) AllLogits(Tensor inputs)
    {
        if (_network is not IAuxiliaryClassifiers { AuxiliaryWeight: > 0 } network)
            return (Logits(inputs), []);
        Tensor[] all = [.. network.ForwardWithAuxiliaries(inputs.to(Format)).Select(logits => logits.to(ScalarType.Float32))];
        return (all[0], all[1..]);
    }

    /// <summary>Forgets the gradients of the last step.</summary>
    internal void ClearGradients()
    {
        _network.zero_grad();
        foreach ((_, Parameter master) in _pairs)
        {
            using Tensor? gradient = master.grad;
            master.grad = null;
        }
    }

    /// <summary>Hands the gradients that a pass left in the network to the float32 weights.</summary>
    internal void CollectGradients()
    {
        foreach ((Parameter rounded, Parameter master) in _pairs)
        {
            using Tensor? gradient = rounded.grad;
            using Tensor? converted = gradient?.to(master.dtype);
            master.grad = converted;
        }
    }

    /// <summary>Rounds the float32 weights into the network, after they changed.</summary>
    internal void Publish()
    {
        using IDisposable noGradients = no_grad();
        foreach ((Parameter rounded, Parameter master) in _pairs)
            rounded.copy_(master);
    }

    /// <summary>The network gets its float32 weights back.</summary>
    public void Dispose()
    {
        if (_pairs.Length == 0)
            return;
        ConvertNetwork(ScalarType.Float32);
        using IDisposable noGradients = no_grad();
        foreach ((Parameter parameter, (_, Parameter master)) in _network.parameters().Zip(Parameters))
        {
            parameter.copy_(master);
            master.Dispose();
        }
    }

    // Each tensor on its own device. Normalizations stay in float32, as autocast leaves them: a running mean takes in a tenth of what a batch's differs by, too little
    // for bfloat16 once they are close. They take and give bfloat16 all the same. Constants, which are nobody's to round for good, convert themselves.
    private void ConvertNetwork(ScalarType type)
    {
        using IDisposable noGradients = no_grad();
        Module[] kept = [.. _network.modules().Where(module => module is NormBase or ConstantOperand)];
        Tensor[] exact = [.. Tensors().Select(tensor => tensor.clone())];
        _network.to(type);
        foreach (Module module in kept)
            module.to(ScalarType.Float32);
        foreach ((Tensor tensor, Tensor copy) in Tensors().Zip(exact))
        {
            tensor.copy_(copy);
            copy.Dispose();
        }

        IEnumerable<Tensor> Tensors() => kept.SelectMany(module => module.parameters().Cast<Tensor>().Concat(module.buffers()));
    }

    private static Parameter Copy(Parameter parameter)
    {
        using IDisposable noGradients = no_grad();
        using Tensor detached = parameter.detach();
        return new Parameter(detached.clone(), requires_grad: true);
    }
}
