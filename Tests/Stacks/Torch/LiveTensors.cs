using TorchSharp;

namespace AlexNetMl.Stacks.Tests.Torch;

/// <summary>Counts tensors, after those that other tests forgot are gone.</summary>
internal static class LiveTensors
{
    public static long Count()
    {
        for (var i = 0; i < 3; i++) {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return torch.Tensor.TotalCount;
    }
}
