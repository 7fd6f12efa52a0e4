using TorchSharp.Interop;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Layers that this stack has kernels of its own for: those of Stacks/Local/Native, on CUDA.</summary>
internal static class StackLayers
{
    /// <summary>Local response normalization with torch's parameters; null where there is no kernel for it.</summary>
    internal static Tensor? TryLocalResponseNorm(Tensor input, long size, double alpha, double beta, double k) =>
        input.device_type == TorchSharp.DeviceType.CUDA ? NativeLayers.LocalResponseNorm(input, size, alpha, beta, k) : null;
}
