using System.Globalization;

namespace AlexNetMl.Training;

/// <summary>Profiles as rows of text: what <c>alexnetml networks</c> prints and the pages in docs/networks show.</summary>
public static class ProfileTable
{
    /// <summary>The head of <see cref="Summary"/>.</summary>
    public static IReadOnlyList<string> SummaryHead { get; } = ["network", "parameters", "multiply-adds", "activations", "receptive field", "depth", "year"];

    /// <summary>The head of <see cref="Layers"/>.</summary>
    public static IReadOnlyList<string> LayersHead { get; } = ["layer", "what", "output", "parameters", "multiply-adds", "sees"];

    /// <summary>One network in a row. Parameters of further classifiers, which training alone needs, stand behind a plus.</summary>
    /// <param name="definition">The network.</param>
    /// <param name="profile">Its profile.</param>
    public static IReadOnlyList<string> Summary(NetworkDefinition definition, NetworkProfile profile)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(profile);
        long further = profile.Parameters - profile.ParametersInUse;
        return
        [
            definition.Name,
            Number(profile.ParametersInUse) + (further > 0 ? $" + {Number(further)}" : ""),
            Number(profile.MultiplyAdds),
            Number(profile.Activations),
            profile.ReceptiveField is { } field ? Number(field) : "–",
            Number(profile.Depth),
            definition.Year is { } year ? year.ToString(CultureInfo.InvariantCulture) : "–",
        ];
    }

    /// <summary>A row for each layer that computes or joins something.</summary>
    /// <param name="profile">The network.</param>
    public static IEnumerable<IReadOnlyList<string>> Layers(NetworkProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Layers.Where(layer => layer.MultiplyAdds > 0 || layer.Kind.Contains("Pool", StringComparison.Ordinal) || layer.Inputs.Count > 1).Select(layer => (IReadOnlyList<string>)
        [
            layer.Path,
            layer.Description.Length > 0 ? $"{Name(layer.Kind)} {layer.Description}" : Name(layer.Kind),
            layer.Shape,
            layer.Parameters > 0 ? Number(layer.Parameters) : "",
            layer.MultiplyAdds > 0 ? Number(layer.MultiplyAdds) : "",
            layer.ReceptiveField is { } field ? Number(field) : "all",
        ]);
    }

    /// <summary>A table in Markdown.</summary>
    /// <param name="head">The columns' names.</param>
    /// <param name="rows">The rows.</param>
    public static string Markdown(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(rows);
        IEnumerable<string> lines = [Line(head), Line([.. head.Select((_, i) => i == 0 ? "---" : "---:")]), .. rows.Select(Line)];
        return string.Join('\n', lines) + "\n";

        static string Line(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
    }

    private static string Name(string kind) => kind switch
    {
        "Conv2d" => "convolution",
        "Linear" => "fully connected",
        "MaxPool2d" => "max pool",
        "AvgPool2d" => "average pool",
        "AdaptiveAvgPool2d" => "average pool",
        "Concatenation" => "concatenation",
        "Sum" => "sum",
        _ => kind,
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
