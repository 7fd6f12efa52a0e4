using System.Text;

namespace AlexNetMl.Stacks.Tests.Api;

/// <summary>Signatures of a package, as the text files of the API listings hold them: a header per type, members indented below.</summary>
internal sealed class ApiListing
{
    private readonly Dictionary<string, Entry> _types = new(StringComparer.Ordinal);

    /// <summary>Header without name (kind and modifiers), base types, member lines.</summary>
    private sealed class Entry
    {
        public HashSet<string> Kinds { get; } = [];

        public HashSet<string> Bases { get; } = [];

        public HashSet<string> Members { get; } = new(StringComparer.Ordinal);
    }

    public int TypeCount => _types.Count;

    public void Add(IEnumerable<string> lines)
    {
        Entry? current = null;
        foreach (var line in lines) {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] != ' ') current = AddType(line);
            else if (current is null) throw new FormatException($"A member stands before the first type: {line}");
            else AddMember(current, line.Trim(' '));
        }
    }

    /// <summary>What the type has that the listing lacks: one sentence each.</summary>
    public IEnumerable<string> Compare(ApiType type)
    {
        if (!_types.TryGetValue(type.Name, out var listed)) {
            yield return $"{type.Name}: no such type";
            yield break;
        }
        if (!listed.Kinds.Contains(type.Kind)) yield return $"{type.Name}: is '{type.Kind}', not '{string.Join("' or '", listed.Kinds)}'";
        foreach (var missing in type.Bases.Where(name => !listed.Bases.Contains(name))) {
            yield return $"{type.Name}: does not derive from {missing}";
        }
        foreach (var member in type.Members.Where(member => !Has(listed, member))) yield return $"{type.Name}: has no '{member}'";
    }

    private static bool Has(Entry listed, string member)
    {
        if (listed.Members.Contains(member)) return true;
        // A property may have fewer accessors than the real one.
        return (member.EndsWith(" {get;}", StringComparison.Ordinal) || member.EndsWith(" {set;}", StringComparison.Ordinal)) &&
            listed.Members.Contains(member[..^" {get;}".Length] + " {get;set;}");
    }

    private Entry AddType(string line)
    {
        var nameStart = line.LastIndexOf(' ', line.IndexOf("::", StringComparison.Ordinal)) + 1;
        var colon = line.IndexOf(" : ", StringComparison.Ordinal);
        var name = line[nameStart..(colon < 0 ? line.Length : colon)];
        if (!_types.TryGetValue(name, out var entry)) _types.Add(name, entry = new Entry());
        entry.Kinds.Add(line[..(nameStart - 1)]);
        if (colon >= 0) entry.Bases.UnionWith(SplitTopLevel(line[(colon + 3)..]));
        return entry;
    }

    private static void AddMember(Entry entry, string line)
    {
        if (entry.Kinds.Contains("enum")) entry.Members.UnionWith(line.Split(", "));
        else entry.Members.Add(line);
    }

    /// <summary>Splits at commas outside brackets.</summary>
    private static IEnumerable<string> SplitTopLevel(string text)
    {
        var depth = 0;
        var part = new StringBuilder();
        foreach (var character in text) {
            if (character is '<' or '(' or '[') depth++;
            if (character is '>' or ')' or ']') depth--;
            if (character == ',' && depth == 0) {
                yield return part.ToString().Trim();
                part.Clear();
            } else {
                part.Append(character);
            }
        }
        yield return part.ToString().Trim();
    }
}

/// <summary>A type as the listings would write it.</summary>
internal sealed record ApiType(string Name, string Kind, IReadOnlyList<string> Bases, IReadOnlyList<string> Members);
