using System.CommandLine;
using System.Globalization;
using System.Numerics;
using AlexNetMl.Scoring;

namespace AlexNetMl.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Data(bool required = true) => new("--data")
    {
        Description = "Labelled pictures: a folder of class folders, a .csv or .tsv manifest (path, label), tar shards (names or a pattern), or a cache made by pack.",
        Required = required,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DIR|TAR…|CACHE|manifest.csv",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the figures as one JSON object on stdout, everything else on stderr." };

    public static Option<int> Threads() => new("--threads") { Description = "CPU threads, 0 for all cores.", HelpName = "N" };

    public static Option<bool> SkipBroken() => new("--skip-broken") { Description = "Leave out pictures that cannot be decoded instead of stopping." };

    public static Option<string> Device() => new("--device") { Description = "cpu or cuda:N.", DefaultValueFactory = _ => "cpu", HelpName = "D" };

    /// <summary>Refuses a number out of range, by the option's name.</summary>
    public static void RequireRange<T>(Option<T> option, T least, T most)
        where T : INumber<T> =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is { } value && (value < least || value > most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {value}: give a number from {least} to {most}."));
            }
        });

    /// <summary>The device of an ONNX file.</summary>
    public static OnnxDevice OneDevice(string name) => name.Split(':') switch
    {
        ["cpu"] => OnnxDevice.Cpu,
        ["cuda"] => OnnxDevice.Cuda(),
        ["cuda", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => OnnxDevice.Cuda(number),
        _ => throw new UsageException($"--device {name}: an ONNX file runs on one device, cpu or cuda:N."),
    };
}
