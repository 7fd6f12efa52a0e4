using System.Reflection;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Stacks.Tests.Api;

/// <summary>Looks up everything that a stand-in of the Local stack shows in the real package's own signatures.</summary>
internal static class StandIn
{
    /// <param name="assembly">The stand-in; with the real package the test is inconclusive.</param>
    /// <param name="files">Which listings of signatures hold the package's.</param>
    /// <param name="leastTypes">How many types the stand-in has at least.</param>
    public static void Check(Assembly assembly, string files, int leastTypes)
    {
        if (!Is(assembly)) Assert.Inconclusive($"{assembly.GetName().Name} is the real package.");
        var root = RepositoryRoot();
        var folder = Listings(root);
        if (folder is null) Assert.Inconclusive("The listings of the packages' signatures are not on this machine.");

        var listing = new ApiListing();
        foreach (var file in Directory.EnumerateFiles(folder, files)) listing.Add(File.ReadLines(file));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "Tests", "Stacks", "Api"), files)) listing.Add(File.ReadLines(file));

        var types = ApiReflection.Types(assembly).ToList();
        Assert.IsGreaterThanOrEqualTo(leastTypes, types.Count, "The assembly's types were not found.");
        var invented = types.SelectMany(listing.Compare).Order().ToList();
        Assert.IsEmpty(invented, "Not in the real package:\n" + string.Join("\n", invented));
    }

    private static bool Is(Assembly assembly) =>
        assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(data => data is { Key: "AlexNetMl.Stack", Value: "Local" });

    // Beside the repository, or further up where its work tree stands in a folder of such.
    private static string? Listings(string root)
    {
        for (var folder = Path.GetDirectoryName(root); folder is not null; folder = Path.GetDirectoryName(folder)) {
            var listings = Path.Combine(folder, "shared", "api");
            if (Directory.Exists(listings)) return listings;
        }
        return null;
    }

    private static string RepositoryRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder)) {
            if (File.Exists(Path.Combine(folder, "global.json")) && Directory.Exists(Path.Combine(folder, "Stacks"))) return folder;
        }
        // Built outside the repository: the sources know where they are.
        for (var folder = Path.GetDirectoryName(ThisFile()); folder is not null; folder = Path.GetDirectoryName(folder)) {
            if (File.Exists(Path.Combine(folder, "global.json"))) return folder;
        }
        throw new AssertInconclusiveException("The tests do not run inside the repository.");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
