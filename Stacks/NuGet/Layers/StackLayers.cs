using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Layers that this stack has kernels of its own for: none.</summary>
internal static class StackLayers
{
    /// <summary>Null: torch's own operators serve.</summary>
    internal static Tensor? TryLocalResponseNorm(Tensor input, long size, double alpha, double beta, double k) => null;
}
