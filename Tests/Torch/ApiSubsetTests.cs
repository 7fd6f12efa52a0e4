using AlexNetMl.Stacks.Tests.Api;

namespace AlexNetMl.Torch.Tests;

/// <summary>The Local stack's TorchSharp has no public member that the real package lacks.</summary>
[TestClass]
public sealed class ApiSubsetTests
{
    [TestMethod]
    public void Stand_in_shows_only_what_the_real_package_has() => StandIn.Check(typeof(TorchSharp.torch).Assembly, "torchsharp-*.txt", leastTypes: 40);
}
