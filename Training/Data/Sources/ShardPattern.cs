using System.Globalization;
using System.IO.Enumeration;

namespace AlexNetMl.Training;

/// <summary>Names of several shards in one, without a shell: <c>train-{0000..0031}.tar</c>, <c>train-*.tar</c>.</summary>
internal static class ShardPattern
{
    private const int MostShards = 100_000;

    internal static bool IsPattern(string path) => path.AsSpan().ContainsAny("{*?");

    /// <summary>The paths that a pattern stands for: ranges counted up, files matched by ordinal order.</summary>
    /// <exception cref="FileNotFoundException">No file matches.</exception>
    /// <exception cref="InvalidDataException">The pattern is not one.</exception>
    internal static string[] Expand(string pattern)
    {
        string[] named = Range(pattern);
        if (!pattern.AsSpan().ContainsAny("*?"))
            return named;
        var found = new List<string>();
        foreach (string path in named)
        {
            string folder = Path.GetDirectoryName(path) ?? "";
            if (folder.AsSpan().ContainsAny("*?"))
                throw new InvalidDataException($"'{pattern}' has '*' or '?' in a folder's name: only file names may have them.");
            found.AddRange(InFolder(folder.Length == 0 ? "." : folder, Path.GetFileName(path)));
        }
        return found.Count > 0 ? [.. found] : throw new FileNotFoundException($"No file matches '{pattern}'.", pattern);
    }

    /// <summary>Files of a folder by name, none where it does not exist; names that start with a dot are passed over.</summary>
    internal static string[] InFolder(string folder, string name)
    {
        if (!Directory.Exists(folder))
            return [];
        string[] files = [.. Directory.EnumerateFiles(folder).Where(file => !Path.GetFileName(file).StartsWith('.') && FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(file), ignoreCase: false))];
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static string[] Range(string pattern)
    {
        int open = pattern.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
            return [pattern];
        int close = pattern.IndexOf('}', open);
        string[] ends = close < 0 ? [] : pattern[(open + 1)..close].Split("..");
        if (ends.Length != 2 || !Number(ends[0], out int first) || !Number(ends[1], out int last) || last < first || last - first >= MostShards || pattern.IndexOf('{', open + 1) >= 0)
            throw new InvalidDataException($"'{pattern}' is no range of shards: write one like train-{{0000..0031}}.tar, of at most {MostShards}.");
        string digits = ends[0].Length > 1 && ends[0][0] == '0' ? new string('0', ends[0].Length) : "0";
        return [.. Enumerable.Range(first, last - first + 1).Select(i => pattern[..open] + i.ToString(digits, CultureInfo.InvariantCulture) + pattern[(close + 1)..])];

        static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
