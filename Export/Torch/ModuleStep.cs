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
    /// The magnitude that float32 rounding of the module's result is relative to: that of the result, but for functions whose small results are differences
    /// of larger numbers. ONNX Runtime's sigmoid, for one, is within 1e-7 of 1 and no closer: for −18 and below it gives 0.
    /// </summary>
    public double RoundingScale(double inputMagnitude, double magnitude) => Module switch
    {
        Sigmoid => 1,
        SiLU or GELU => Math.Max(inputMagnitude, magnitude),
        _ => magnitude,
    };

    /// <summary>Runs the module as its container would, hooks included.</summary>
    public Tensor Run(IReadOnlyList<Tensor> inputs)
        => Module is Join join ? join.call(inputs) : ((nn.IModule<Tensor, Tensor>)Module).call(inputs[0]);
}
