namespace AlexNetMl.Training;

/// <summary>How the tensors of a weights file differ from those of a module.</summary>
/// <param name="Missing">Names the module has and the file lacks.</param>
/// <param name="Unexpected">Names the file has and the module lacks.</param>
/// <param name="ShapeMismatches">Names in both with different shapes, both shapes given.</param>
public sealed record WeightDifferences(IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<string> ShapeMismatches)
{
    /// <summary>Whether there are none.</summary>
    public bool None => Missing.Count == 0 && Unexpected.Count == 0 && ShapeMismatches.Count == 0;

    /// <summary>The differences in one line.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        Add("missing", Missing);
        Add("unexpected", Unexpected);
        Add("of another shape", ShapeMismatches);
        return parts.Count == 0 ? "no differences" : string.Join("; ", parts);

        void Add(string what, IReadOnlyList<string> names)
        {
            const int Shown = 8;
            if (names.Count > 0)
                parts.Add($"{what}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? $" and {names.Count - Shown} more" : "")}");
        }
    }
}
