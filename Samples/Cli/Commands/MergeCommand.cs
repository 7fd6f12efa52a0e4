using System.CommandLine;
using AlexNetMl.Scoring;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml merge: the shards of a scoring job as one file.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "The file to write; it is written only when every row is there once.", Required = true, HelpName = "all.jsonl" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a file that is there." };
        var shards = new Argument<string[]>("shards") { Description = "The shards' outputs, names or patterns such as r.*.jsonl, each with its .job file beside it.", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("merge", "Joins the shards of a scoring job into the file that one process would have written, or names what is missing or doubled.") { output, overwrite, shards, json };
        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(json));
            string target = parsed.GetRequiredValue(output);
            string[] files = [.. parsed.GetRequiredValue(shards).SelectMany(Expand)];
            ShardMergeReport report = ShardMerge.Run(files, target, parsed.GetValue(overwrite), new Listener<long>(rows => console.Moving($"merge: {rows} rows")), cancellation);
            console.Result(new
            {
                Output = report.Complete ? target : null,
                Files = files.Length,
                report.Shards,
                report.Total,
                report.Rows,
                report.Errors,
                report.Complete,
                report.MissingShards,
                report.UnfinishedFiles,
                MissingRows = report.MissingRows.Select(range => range.ToString()),
                DoubledRows = report.DoubledRows.Select(range => range.ToString()),
            });
            if (report.Problem is { } problem)
            {
                throw new InvalidDataException(problem);
            }

            console.Line($"merged: {target}, {report.Rows} rows of {files.Length} shards, {report.Errors} errors");
        });
        return command;
    }

    // Shells of Windows leave patterns as they are.
    private static string[] Expand(string name)
    {
        if (File.Exists(name) || name.IndexOfAny(['*', '?']) < 0)
        {
            return [name];
        }

        string folder = Path.GetDirectoryName(name) is { Length: > 0 } given ? given : ".";
        string[] found = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, Path.GetFileName(name)).Order(StringComparer.Ordinal)] : [];
        return found.Length > 0 ? found : throw new FileNotFoundException($"No file is named like '{name}'.");
    }
}
