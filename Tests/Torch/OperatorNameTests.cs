using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace AlexNetMl.Torch.Tests;

/// <summary>The Local stack calls operators by name: every name in its sources is one of this libtorch's.</summary>
[TestClass]
public sealed partial class OperatorNameTests
{
    [TestMethod]
    public void Every_operator_exists()
    {
        var find = typeof(torch).Assembly.GetType("TorchSharp.Interop.Aten")?.GetMethod("Find", BindingFlags.Static | BindingFlags.NonPublic);
        if (find is null) Assert.Inconclusive("TorchSharp is the real package.");
        var sources = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "Stacks", "Local", "TorchSharp");
        if (!Directory.Exists(sources)) Assert.Inconclusive("The sources are not here.");
        var names = Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => OperatorCall().Matches(File.ReadAllText(file)))
            .SelectMany(call => call.Groups["name"].Captures.Select(name => name.Value)).Distinct().ToList();
        Assert.IsGreaterThan(250, names.Count);
        foreach (var name in names) Assert.AreNotEqual((nint)0, (nint)find.Invoke(null, [name])!, name);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("""(?:Aten\.\w+|Like)\(\s*(?:\w+ \? "(?<name>[\w.]+)" : )?"(?<name>[\w.]+)"[,)]""")]
    private static partial Regex OperatorCall();
}
