using System.Diagnostics;
using System.Globalization;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Our side and Pillow's of the imaging benchmarks in turns: one thread each, calls per second of processor time, so that other work on the machine disturbs
/// little; medians. Pillow's side is imaging_rates.py, where a python3 with Pillow is found.
/// </summary>
internal sealed class ImagingRates : IDisposable
{
    private const int Repeats = 9;
    private static readonly TimeSpan RepeatTime = TimeSpan.FromSeconds(0.25);
    private readonly TextWriter _output;
    private readonly Process? _python;

    /// <param name="output">Takes the table.</param>
    /// <param name="picture">The rival's picture.</param>
    /// <param name="writeWebP">A file that the rival writes its picture into, as lossless WebP, before the first case; null for none.</param>
    public ImagingRates(TextWriter output, string picture, string? writeWebP = null)
    {
        _output = output;
        _python = Start(writeWebP is null ? [picture] : [picture, writeWebP], out string versions);
        output.WriteLine(_python is null ? "no python3 with Pillow was found: nothing to compare with" : versions);
        output.WriteLine($"{"one thread, calls per second of processor time",-58}{"ours",8}{"Pillow",9}{"ratio",8}   (ours, Pillow's: slowest to fastest)");
    }

    /// <summary>One line of the table.</summary>
    /// <param name="what">The case in words.</param>
    /// <param name="action">Our side.</param>
    /// <param name="rival">The script's name of the case; null for none.</param>
    public void Compare(string what, Action action, string? rival = null)
    {
        var ours = new List<double>();
        var theirs = new List<double>();
        Measure(action);
        for (var i = 0; i < Repeats; i++)
        {
            ours.Add(Measure(action));
            if (rival is not null && Ask(rival) is { } rate)
            {
                theirs.Add(rate);
            }
        }

        ours.Sort();
        theirs.Sort();
        string line = string.Create(CultureInfo.InvariantCulture, $"{what,-58}{ours[Repeats / 2],8:0}");
        line += theirs.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{"",17}   ({ours[0]:0} to {ours[^1]:0})")
            : string.Create(CultureInfo.InvariantCulture, $"{theirs[Repeats / 2],9:0}{ours[Repeats / 2] / theirs[Repeats / 2],8:0.00}   ({ours[0]:0} to {ours[^1]:0}, {theirs[0]:0} to {theirs[^1]:0})");
        _output.WriteLine(line);
    }

    public void Dispose()
    {
        if (_python is not null)
        {
            _python.StandardInput.Close();
            _python.WaitForExit();
            _python.Dispose();
        }
    }

    private static double Measure(Action action)
    {
        var count = 0;
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        TimeSpan used;
        do
        {
            for (var i = 0; i < 8; i++)
            {
                action();
            }

            count += 8;
            process.Refresh();
            used = process.TotalProcessorTime - start;
        }
        while (used < RepeatTime);
        return count / used.TotalSeconds;
    }

    private double? Ask(string name)
    {
        if (_python is null)
        {
            return null;
        }

        _python.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {RepeatTime.TotalSeconds}"));
        _python.StandardInput.Flush();
        string? answer = _python.StandardOutput.ReadLine();
        return double.TryParse(answer, CultureInfo.InvariantCulture, out double rate) ? rate : null;
    }

    private static Process? Start(string[] files, out string versions)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "imaging_rates.py");
        foreach (string python in (ReadOnlySpan<string>)["/usr/bin/python3", "python3"])
        {
            try
            {
                var process = Process.Start(new ProcessStartInfo(python, [script, .. files]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
                versions = process.StandardOutput.ReadLine() ?? "";
                if (versions.Length > 0)
                {
                    return process;
                }

                process.Dispose();
            }
            catch (System.ComponentModel.Win32Exception)
            {
            }
        }

        versions = "";
        return null;
    }
}
