using System.CommandLine;
using AlexNetMl.Onnx;
using AlexNetMl.Training;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml networks: what each network costs and sees, computed from its definition; a picture of one.</summary>
internal static class NetworksCommand
{
    private static readonly Option<string[]> Architecture = new("--arch") { Description = "Only these networks. Of a single one, its layers.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int?> Classes = new("--classes") { Description = "Number of outputs. Default: each paper's.", HelpName = "N" };
    private static readonly Option<double> Width = new("--width") { Description = "Factor on the channel counts, 1 for the paper's.", DefaultValueFactory = _ => 1, HelpName = "W" };
    private static readonly Option<int?> Side = new("--side") { Description = "Side of the input picture in pixels. Default: each paper's.", HelpName = "S" };
    private static readonly Option<bool> Markdown = new("--markdown") { Description = "Print tables in Markdown." };
    private static readonly Option<string> Svg = new("--svg") { Description = "Draw the network into this file.", HelpName = "FILE" };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("networks", "Lists the networks: parameters, multiply-adds, activations, receptive field of the last layer with maps. Draws one.")
        {
            Architecture, Classes, Width, Side, Markdown, Svg, Json,
        };
        command.Runs((parsed, cancellation) =>
        {
            NetworkDefinition[] definitions = Definitions(parsed.GetValue(Architecture) ?? []);
            string? picture = parsed.GetValue(Svg);
            if (picture is not null && definitions.Length != 1)
            {
                throw new UsageException("--svg draws one network: name it with --arch.");
            }

            var profiles = new List<(NetworkDefinition Definition, NetworkProfile Profile)>();
            foreach (NetworkDefinition definition in definitions)
            {
                cancellation.ThrowIfCancellationRequested();
                UsageException.Check(() => profiles.Add((definition, Profile(definition, parsed))));
            }

            Print(new Output(parsed.GetValue(Json)), profiles, parsed.GetValue(Markdown));
            if (picture is not null)
            {
                (NetworkDefinition definition, NetworkProfile profile) = profiles[0];
                AtomicFile.WriteText(picture, NetworkDrawing.Svg(profile, definition.Title, definition.Paper ?? ""));
            }
        });
        return command;
    }

    private static NetworkDefinition[] Definitions(string[] names)
    {
        NetworkDefinition[] definitions = [.. NetworkCatalog.Default.Definitions];
        UsageException.Check(() => definitions = names.Length == 0 ? definitions : [.. names.Select(NetworkCatalog.Default.Get)]);
        return definitions;
    }

    private static NetworkProfile Profile(NetworkDefinition definition, ParseResult parsed) => NetworkProfile.Of(definition, definition.Options with
    {
        Classes = parsed.GetValue(Classes) ?? definition.Options.Classes,
        Side = parsed.GetValue(Side) ?? definition.Options.Side,
        Width = parsed.GetValue(Width),
    });

    private static void Print(Output console, List<(NetworkDefinition Definition, NetworkProfile Profile)> profiles, bool markdown)
    {
        IReadOnlyList<string>[] rows = [.. profiles.Select(pair => ProfileTable.Summary(pair.Definition, pair.Profile))];
        Table(console, ProfileTable.SummaryHead, rows, markdown);
        if (profiles is [var (definition, profile)])
        {
            console.Line($"{definition.Title}{(definition.Paper is { } paper ? $": {paper}" : "")}");
            Table(console, ProfileTable.LayersHead, [.. ProfileTable.Layers(profile)], markdown);
        }

        console.Result(profiles.Select(pair => new
        {
            pair.Definition.Name,
            pair.Definition.Title,
            pair.Definition.Year,
            pair.Definition.Paper,
            Recipes = pair.Definition.Recipes.Select(recipe => recipe.Name),
            Side = pair.Profile.InputSide,
            pair.Profile.Parameters,
            pair.Profile.ParametersInUse,
            pair.Profile.MultiplyAdds,
            pair.Profile.Activations,
            pair.Profile.ReceptiveField,
            pair.Profile.Depth,
            Layers = profiles.Count == 1 ? pair.Profile.Layers : null,
        }));
    }

    private static void Table(Output console, IReadOnlyList<string> head, IReadOnlyList<string>[] rows, bool markdown)
    {
        if (markdown)
        {
            console.Line(ProfileTable.Markdown(head, rows));
            return;
        }

        int[] widths = [.. head.Select((name, column) => rows.Select(row => row[column].Length).Append(name.Length).Max())];
        foreach (IReadOnlyList<string> row in rows.Prepend(head))
        {
            console.Line(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }
}
