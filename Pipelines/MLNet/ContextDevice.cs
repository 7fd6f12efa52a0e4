using AlexNetMl.Scoring;
using Microsoft.ML;

namespace AlexNetMl.Pipelines;

/// <summary>ML.NET's own networks take the context's device when none is given at the call; so do ours.</summary>
internal static class ContextDevice
{
    public static OnnxDevice? Or(OnnxDevice? given, MLContext? context) => given is null && context?.GpuDeviceId is int device
        ? OnnxDevice.Cuda(device, context.FallbackToCpu)
        : given;
}
