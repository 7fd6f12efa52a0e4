using System.Globalization;
using System.Net;
using System.Text;

namespace AlexNetMl.Training.Reports;

/// <summary>
/// A self-contained page: no script, no address outside itself; pictures are embedded. The markup is well-formed XML, so that a
/// machine can read the figures back.
/// </summary>
public sealed class HtmlPage
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2330; --soft: #5d6778; --line: #d9dee7; --paper: #ffffff; --card: #f6f8fb; --a: #2463c5; --b: #d1552b; --good: #22804a; --bad: #c03434; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf2; --soft: #9aa5b8; --line: #333c4b; --paper: #151a22; --card: #1d2430; --a: #6ea3f7; --b: #f2956f; --good: #5cc489; --bad: #ef7b7b; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper); }
        h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 8px; } p { margin: 4px 0 12px; color: var(--soft); max-width: 76ch; }
        .figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; } .figure { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px; }
        .figure b { display: block; font-size: 21px; font-variant-numeric: tabular-nums; } .figure span { color: var(--soft); font-size: 13px; }
        .charts { display: flex; flex-wrap: wrap; gap: 20px; } svg text { fill: var(--soft); font: 12px system-ui, "DejaVu Sans", sans-serif; } svg .grid { stroke: var(--line); } svg .title { fill: var(--ink); font-weight: 600; }
        table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; } th, td { padding: 4px 8px; text-align: right; border: 1px solid var(--line); } td.text { text-align: left; } th { font-weight: 600; text-align: left; background: var(--card); }
        .scroll { overflow-x: auto; } .column-head { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
        .pictures { display: flex; flex-wrap: wrap; gap: 10px; } .picture { width: 118px; font-size: 12px; line-height: 1.35; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px; }
        .picture img { width: 94px; height: 94px; object-fit: contain; image-rendering: pixelated; display: block; margin: 0 auto 6px; background: #000; } .right b { color: var(--good); } .wrong b { color: var(--bad); }
        .kernels { image-rendering: pixelated; border: 1px solid var(--line); max-width: 100%; }
        """;

    private readonly StringBuilder _body = new();
    private readonly string _title;

    private const string Refresh = "<meta http-equiv=\"refresh\"";

    private readonly int? _refreshSeconds;

    /// <summary>Whether a page that was written has a browser read it again.</summary>
    internal static bool RenewsItself(string page) => page.Contains(Refresh, StringComparison.Ordinal);


    /// <summary>A page with a title and a line under it.</summary>
    /// <param name="title">The title.</param>
    /// <param name="subtitle">The line.</param>
    /// <param name="refreshSeconds">After how many seconds a browser reads the page again; null for never.</param>
    public HtmlPage(string title, string subtitle, int? refreshSeconds = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        (_title, _refreshSeconds) = (title, refreshSeconds);
        _body.Append(CultureInfo.InvariantCulture, $"<h1>{Encode(title)}</h1><p>{Encode(subtitle)}</p>\n");
    }

    /// <summary>Adds a row of headline figures, each a value and what it means.</summary>
    public HtmlPage Figures(params (string Value, string Meaning)[] figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        _body.Append("<div class=\"figures\">");
        foreach (var (value, meaning) in figures)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<div class=\"figure\"><b>{Encode(value)}</b><span>{Encode(meaning)}</span></div>");
        }

        _body.Append("</div>\n");
        return this;
    }

    /// <summary>Adds a section: heading, explanation, then fragments of markup as the other classes of this namespace make them.</summary>
    public HtmlPage Section(string heading, string explanation, params string[] fragments)
    {
        ArgumentNullException.ThrowIfNull(fragments);
        _body.Append(CultureInfo.InvariantCulture, $"<h2>{Encode(heading)}</h2>\n");
        if (!string.IsNullOrEmpty(explanation))
        {
            _body.Append(CultureInfo.InvariantCulture, $"<p>{Encode(explanation)}</p>\n");
        }

        foreach (string fragment in fragments)
        {
            _body.Append(fragment).Append('\n');
        }

        return this;
    }

    /// <summary>The whole document.</summary>
    public override string ToString() =>
        $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
        + (_refreshSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{Refresh} content=\"{seconds}\"/>") : "")
        + $"<title>{Encode(_title)}</title><style>{Style}</style></head>\n<body>\n{_body}</body></html>\n";

    /// <summary>Text made safe for markup; control characters, which XML cannot hold, become spaces.</summary>
    public static string Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)));
    }
}
