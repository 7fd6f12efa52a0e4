using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AlexNetMl.Scoring;
using AlexNetMl.Training;

namespace AlexNetMl.Cli;

/// <summary>
/// Where a command's words go. Figures go to stdout; with --json stdout holds one JSON object alone and the words go to stderr. A line that moves
/// is drawn on a terminal only.
/// </summary>
internal sealed class Output(bool json)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull() },
    };

    private readonly TextWriter _words = json ? Console.Error : Console.Out;
    private readonly bool _terminal = json ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
    private int _drawn;

    /// <summary>Whether --json was given.</summary>
    public bool IsJson => json;

    /// <summary>Whether lines that move are drawn.</summary>
    public bool IsTerminal => _terminal;

    /// <summary>A line that stays.</summary>
    public void Line(FormattableString text) => Line(text.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Line(FormattableString)"/>
    public void Line(string text)
    {
        _words.WriteLine(_drawn > 0 ? $"\r{text.PadRight(_drawn)}" : text);
        _drawn = 0;
    }

    /// <summary>A line that the next one replaces.</summary>
    public void Moving(FormattableString text)
    {
        if (!_terminal)
        {
            return;
        }

        string line = text.ToString(CultureInfo.InvariantCulture);
        _words.Write($"\r{line.PadRight(_drawn)}");
        _drawn = line.Length;
    }

    /// <summary>The result, with --json.</summary>
    public void Result(object value)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));
        }
    }

    /// <summary>The moving line of a long job whose share done is reported.</summary>
    public IProgress<double> Share(string what) => new ShareProgress(this, what);

    /// <summary>The moving line of a pass over pictures.</summary>
    public IProgress<PictureProgress> Pictures(string what) => new Listener<PictureProgress>(value =>
    {
        lock (this)
        {
            Moving($"{what}: {value.Done}/{value.Total} pictures, {value.PicturesPerSecond:F0}/s, {value.Remaining:h\\:mm\\:ss} left");
        }
    });

    /// <summary>The moving line of a scoring job; a few times a second is often enough for eyes. In a log it is a line every five minutes.</summary>
    public IProgress<ScoringJobProgress> Scoring()
    {
        var last = System.Diagnostics.Stopwatch.StartNew();
        return new Listener<ScoringJobProgress>(value =>
        {
            if (last.Elapsed < (_terminal ? TimeSpan.FromSeconds(0.2) : TimeSpan.FromMinutes(5)))
            {
                return;
            }

            last.Restart();
            string of = value.Total is { } total ? $"/{total}" : "";
            string left = value.Remaining is { } time ? time.ToString(time.TotalDays < 1 ? "', 'h\\:mm\\:ss' left'" : "', 'd'd 'hh\\:mm' left'", CultureInfo.InvariantCulture) : "";
            FormattableString line = $"score: {value.Rows}{of} pictures, {value.PicturesPerSecond:F0}/s{left}, {value.Errors} errors";
            if (_terminal)
            {
                Moving(line);
            }
            else
            {
                Line(line);
            }
        });
    }

    // JSON has no NaN: a share of no pictures is null.
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    private sealed class ShareProgress(Output output, string what) : IProgress<double>
    {
        private readonly System.Diagnostics.Stopwatch _clock = System.Diagnostics.Stopwatch.StartNew();
        private TimeSpan _last = TimeSpan.MinValue;

        public void Report(double value)
        {
            lock (output)
            {
                if (_last != TimeSpan.MinValue && _clock.Elapsed - _last < TimeSpan.FromSeconds(0.3))
                {
                    return;
                }

                _last = _clock.Elapsed;
                TimeSpan left = value > 0 ? _clock.Elapsed * ((1 - value) / value) : TimeSpan.Zero;
                output.Moving($"{what}: {100 * value:F1} %, {left:h\\:mm\\:ss} left");
            }
        }
    }
}

/// <summary>An IProgress that calls at once, on the reporting thread.</summary>
internal sealed class Listener<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
