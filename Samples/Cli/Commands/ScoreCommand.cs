using System.CommandLine;
using System.Diagnostics;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml score: pictures in, rows out, resumable and divisible.</summary>
internal static class ScoreCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "An .onnx file, or a folder with model.onnx.", Required = true, HelpName = "model.onnx" };
        var input = new Option<string>("--input") { Description = "A folder tree of pictures, a list with a path in each line, a .csv or .tsv table, or - for a list on stdin.", Required = true, HelpName = "DIR|list.txt|table.csv|-" };
        var column = new Option<string?>("--column") { Description = "The table's column with the paths. Default: path.", HelpName = "NAME" };
        var root = new Option<string?>("--root") { Description = "Where relative paths of a list or table start. Default: its folder; for stdin the current folder.", HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "Rows as JSON Lines or CSV; what is certain of them stands beside it, in r.jsonl.job.", Required = true, HelpName = "r.jsonl|r.csv" };
        var batch = new Option<int>("--batch") { Description = "Pictures scored at once.", DefaultValueFactory = _ => 64, HelpName = "N" };
        var top = new Option<int>("--top") { Description = "Classes in a row, best first.", DefaultValueFactory = _ => 5, HelpName = "K" };
        var resume = new Option<bool>("--resume") { Description = "Go on with an output that is there; begin where there is none." };
        var shard = new Option<string?>("--shard") { Description = "Score only share i of n, i from 0. Default: a Slurm array task's share, else 0/1.", HelpName = "i/n" };
        Option<string> device = CommonOptions.Device();
        Option<int> threads = CommonOptions.Threads();
        var decoders = new Option<int>("--decoders") { Description = "Threads that read and decode, 0 for as many as --threads.", HelpName = "N" };
        var maxPixels = new Option<long>("--max-pixels") { Description = "A picture that claims more pixels is a row with an error; the default allows 256 MiB of pixels on each decoding thread.", DefaultValueFactory = _ => ImageLimits.Default.MaxPixels, HelpName = "N" };
        var maxErrors = new Option<int>("--max-consecutive-errors") { Description = "Stop when N pictures in a row could not be scored, and take their rows back: storage that is away, a broken model. 0: never.", DefaultValueFactory = _ => 1000, HelpName = "N" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("score", "Scores pictures into a file, a row each and in order; a broken picture is a row with its error. Stopped by anything, it goes on by --resume.")
        {
            model, input, column, root, output, batch, top, resume, shard, device, threads, decoders, maxPixels, maxErrors, json,
        };
        CommonOptions.RequireRange(batch, 1, 65_536);
        CommonOptions.RequireRange(top, 1, 1000);
        CommonOptions.RequireRange(threads, 0, 1024);
        CommonOptions.RequireRange(decoders, 0, 1024);
        CommonOptions.RequireRange(maxErrors, 0, int.MaxValue);
        CommonOptions.RequireRange(maxPixels, 1, long.MaxValue);
        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(json));
            JobShard? slurm = null;
            ScoringJobOptions? options = null;
            UsageException.Check(() =>
            {
                RequireOwnOutput(parsed.GetRequiredValue(input), parsed.GetRequiredValue(output));
                slurm = parsed.GetValue(shard) is null ? JobShard.FromSlurm(Environment.GetEnvironmentVariable) : null;
                options = new ScoringJobOptions
                {
                    Model = parsed.GetRequiredValue(model),
                    Pictures = Open(parsed.GetRequiredValue(input), parsed.GetValue(column), parsed.GetValue(root)),
                    Output = parsed.GetRequiredValue(output),
                    Top = parsed.GetValue(top),
                    Resume = parsed.GetValue(resume),
                    Shard = parsed.GetValue(shard) is { } text ? JobShard.Parse(text) : slurm ?? JobShard.Whole,
                    MaxConsecutiveErrors = parsed.GetValue(maxErrors),
                    Count = console.IsTerminal,
                    Scorer = new OnnxImageScorerOptions
                    {
                        BatchSize = parsed.GetValue(batch), Device = CommonOptions.OneDevice(parsed.GetRequiredValue(device)), RuntimeThreads = parsed.GetValue(threads),
                        DecodeThreads = parsed.GetValue(decoders) is > 0 and var given ? given : parsed.GetValue(threads),
                        Limits = new ImageLimits { MaxPixels = parsed.GetValue(maxPixels) },
                    },
                };
                options.Validate();
            });
            Score(options!, slurm is not null, console, cancellation);
        });
        return command;
    }

    // Else the answer would be that the output is there already and may be removed.
    private static void RequireOwnOutput(string input, string output)
    {
        if (input != StandardInput && output.Length > 0 && Path.GetFullPath(input) == Path.GetFullPath(output))
        {
            throw new ArgumentException($"'{output}' is the input: give the output another name.");
        }
    }

    private static PictureList Open(string input, string? column, string? root)
    {
        if (input != StandardInput)
        {
            return PictureList.Open(input, column, root);
        }

        return column is null ? PictureList.FromLines("list on stdin", new StreamReader(Console.OpenStandardInput()), root ?? Environment.CurrentDirectory) : throw new ArgumentException("--column belongs to a .csv or .tsv table; on stdin a line is a path.");
    }

    private static ScoringJobResult Run(ScoringJob job, ScoringJobOptions options, Output console, CancellationToken cancellation)
    {
        try
        {
            return job.Run(console.Scoring(), cancellation);
        }
        catch (Exception error)
        {
            if (job.Rows > 0)
            {
                console.Line($"kept: {job.Rows} rows in {options.Output}; the same command with --resume goes on behind them");
            }

            if (error is ConsecutiveErrorsException many)
            {
                throw new InvalidDataException($"{many.What()}; go on with --resume when that is mended, or have them as rows with errors by --max-consecutive-errors 0.", many);
            }

            if (error is InsufficientMemoryException)
            {
                throw new InvalidDataException($"{error.Message.TrimEnd('.')} (--decoders, --max-pixels).", error);
            }

            throw;
        }
    }

    private static void Score(ScoringJobOptions options, bool slurm, Output console, CancellationToken cancellation)
    {
        using Process process = Process.GetCurrentProcess();
        double startup = (DateTime.Now - process.StartTime).TotalSeconds;
        var clock = Stopwatch.StartNew();
        using ScoringJob job = ScoringJob.Open(options);
        double load = clock.Elapsed.TotalSeconds;
        foreach (string note in job.Notes)
        {
            console.Line($"note: {note}");
        }

        if (options.Shard.Count > 1 || slurm)
        {
            console.Line($"shard: {options.Shard}{(slurm ? $", task {Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")} of a Slurm array" : "")}");
        }

        if (job.CutBytes > 0)
        {
            console.Line($"cut off: {job.CutBytes} bytes of a row that was not whole");
        }

        if (options.Resume)
        {
            console.Line(job.IsNew ? "resumed nothing: there was no output, so it begins" : $"resumed behind {job.ResumedRows} rows");
        }

        ScoringJobResult result = Run(job, options, console, cancellation);
        process.Refresh();
        double rate = result.Scored / result.Seconds;
        console.Line($"rows: {options.Output}, {result.Rows} of {result.Total} pictures, {result.Errors} errors");
        console.Line(result.FirstRowSeconds is { } first
            ? (FormattableString)$"scored: {result.Scored} in this session, {rate:F0} images/s on {job.Provider}, model loaded in {load:F2} s, first row {first:F2} s later"
            : $"scored: nothing, every row was there");
        if (result.Rows > 0 && result.Errors == result.Rows)
        {
            console.Line($"note: every row is an error; where a list's paths are relative, they start at --root");
        }

        console.Result(new
        {
            options.Output,
            Model = options.Model,
            job.Provider,
            Shard = options.Shard.ToString(),
            result.Rows,
            result.Total,
            result.Errors,
            job.ResumedRows,
            result.Scored,
            result.Seconds,
            ImagesPerSecond = rate,
            StartupSeconds = startup,
            LoadSeconds = load,
            result.FirstRowSeconds,
            PeakMemoryBytes = process.PeakWorkingSet64,
        });
    }
}
