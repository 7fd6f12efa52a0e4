using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>One module of a network that is exported, and run for verification, as a whole.</summary>
/// <param name="Path">The names of the containers around it and its own, joined by dots.</param>
/// <param name="Module">A module over one tensor, or a <see cref="Join"/> over several.</param>
/// <param name="Inputs">The steps whose results it takes; <see cref="NetworkSteps.Input"/> for the network's input.</param>
internal sealed record ModuleStep(string Path, nn.Module Module, IReadOnlyList<int> Inputs)
{
    /// <summary>
    /// Whether it can make more of its input's rounding than its largest value suggests: the saturating ones, whose results stay within 1
    /// however large their input, those that subtract a mean and divide by a deviation (the rounding of values around 100 is a hundred times that of values around 1;
    /// forty batch normalizations without a shortcut make 2e-5 of 1e-7), and users' own, about which nothing is known.
    /// </summary>
    public bool Magnifies => Module is Softmax or Tanh or Sigmoid or Hardsigmoid or LayerNorm or GroupNorm or BatchNorm or FoldedConvolution
        || !OnnxHandlerRegistry.Default.Knows(Module.GetType());

    /// <summary>Runs the module as its container would, hooks included.</summary>
    public Tensor Run(IReadOnlyList<Tensor> inputs)
        => Module is Join join ? join.call(inputs) : ((nn.IModule<Tensor, Tensor>)Module).call(inputs[0]);
}
