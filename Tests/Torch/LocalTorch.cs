using System.Reflection;
using TorchSharp;

namespace AlexNetMl.Torch.Tests;

/// <summary>What the tests need to know about the stand-in.</summary>
internal static class LocalTorch
{
    /// <summary>Ends the test as inconclusive on the real package, for the reason given.</summary>
    public static void Require(string reason)
    {
        var isLocal = typeof(torch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Any(data => data is { Key: "AlexNetMl.Stack", Value: "Local" });
        if (!isLocal) Assert.Inconclusive(reason);
    }

    /// <summary>The number of tensors, after those that other tests forgot are gone.</summary>
    public static long CountTensors()
    {
        Require("The package's own count does not go down for tensors that became parameters.");
        Collect();
        return torch.Tensor.TotalCount;
    }

    public static void Collect()
    {
        for (var i = 0; i < 3; i++) {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
