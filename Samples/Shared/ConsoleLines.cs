using System.Globalization;

namespace AlexNetMl.Samples;

/// <summary>Lines on the console; on a terminal also one that moves.</summary>
public sealed class ConsoleLines : IProgress<string>
{
    private readonly bool _terminal = !Console.IsOutputRedirected;

    /// <inheritdoc/>
    public void Report(string value) => Console.WriteLine(_terminal ? $"\r{value,-100}".TrimEnd() : value);

    /// <summary>A line with numbers written as everywhere.</summary>
    public void Line(FormattableString text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Report(text.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A line that the next one overwrites; nothing where the output is no terminal.</summary>
    public void Moving(FormattableString text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_terminal)
        {
            Console.Write($"\r{text.ToString(CultureInfo.InvariantCulture),-100}");
        }
    }
}
