using System.Text;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>
/// Names for modules out of names of a file: dots and slashes nest, no part is empty, and no name is that of a group of others.
/// </summary>
internal sealed class ModulePaths
{
    private static readonly string[] WeightSuffixes = [".weight", ".bias", ".running_mean", ".running_var"];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _announced = new(StringComparer.Ordinal);
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>What torch would call the module that the node's weights belong to; null where they are not named so.</summary>
    /// <param name="node">The node.</param>
    /// <param name="constants">Names of initializers and of what is computed from them alone: weights converted from half precision.</param>
    public static string? FromWeights(NodeProto node, IReadOnlySet<string> constants)
    {
        foreach (string input in node.Input.Where(constants.Contains))
        {
            foreach (string suffix in WeightSuffixes)
            {
                if (input.EndsWith(suffix, StringComparison.Ordinal) && input.Length > suffix.Length)
                    return Clean(input[..^suffix.Length]);
            }
        }

        return null;
    }

    /// <summary>A path from the name of a node or, where it has none, of what it makes.</summary>
    public static string FromNames(NodeProto node) => Clean(ImportSession.Label(node));

    /// <summary>Only letters, digits, underscores and hyphens between dots.</summary>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                clean.Append(c);
            else if (c is not ('.' or '/'))
                clean.Append('_');
            else if (clean.Length > 0 && clean[^1] != '.')
                clean.Append('.');
        }

        while (clean.Length > 0 && clean[^1] == '.')
            clean.Length--;
        return clean.Length == 0 ? "node" : clean.ToString();
    }

    /// <summary>Takes a path if it is free.</summary>
    public bool TryReserve(string path)
    {
        if (_names.Contains(path) || _groups.Contains(path))
            return false;
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (_names.Contains(path[..dot]))
                return false;
        }

        _names.Add(path);
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
            _groups.Add(path[..dot]);
        return true;
    }

    /// <summary>Keeps a path, and what its dots make groups of, for the node that is called so: no other one is renamed to it.</summary>
    public void Announce(string path)
    {
        _announced.Add(path);
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
            _announced.Add(path[..dot]);
    }

    /// <summary>Takes a path, or the nearest free one.</summary>
    /// <param name="path">The path.</param>
    /// <param name="own">Whether a node is called so; what else is in need of a name takes none that a node has.</param>
    public string Take(string path, bool own)
    {
        // Inside a module there is no room for others: conv1.pad becomes conv1_pad.
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (_names.Contains(path[..dot]))
                (path, own) = ($"{path[..dot]}_{path[(dot + 1)..]}", false);
        }

        for (string candidate = path; ; (candidate, own) = ($"{path}_{_counts[path]}", false))
        {
            if ((own || !_announced.Contains(candidate)) && TryReserve(candidate))
                return candidate;
            _counts[path] = _counts.GetValueOrDefault(path, 1) + 1;
        }
    }
}
