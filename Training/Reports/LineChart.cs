using System.Globalization;
using System.Text;

namespace AlexNetMl.Training.Reports;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Points in the order of x; points that are not finite are left out.</param>
public sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Learning curves as SVG.</summary>
public static class LineChart
{
    private const double Width = 500, Height = 280, Left = 56, Right = 14, Top = 34, Bottom = 44;
    private static readonly double[] RoundNumbers = [1, 2, 5, 10];
    private static readonly string[] Colors = ["var(--a)", "var(--b)", "var(--good)", "var(--bad)"];

    /// <summary>Draws up to four lines over common axes.</summary>
    /// <param name="title">Stands above the chart.</param>
    /// <param name="xLabel">The x axis and its unit.</param>
    /// <param name="lines">One to four lines; a chart without any finite point says so instead of drawing.</param>
    public static string Draw(string title, string xLabel, params ChartLine[] lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Length is 0 || lines.Length > Colors.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(lines), lines.Length, $"A chart takes 1 to {Colors.Length} lines.");
        }

        var points = lines.SelectMany(line => line.Points).Where(IsFinite).ToArray();
        if (points.Length == 0)
        {
            return $"<p>{HtmlPage.Encode(title)}: nothing was measured.</p>";
        }

        var (xLow, xHigh) = Range(points.Select(p => p.X));
        var (yLow, yHigh) = Range(points.Select(p => p.Y));
        double[] xTicks = Ticks(xLow, xHigh), yTicks = Ticks(yLow, yHigh);
        yLow = Math.Min(yLow, yTicks[0]);
        yHigh = Math.Max(yHigh, yTicks[^1]);
        double X(double x) => Left + ((x - xLow) / (xHigh - xLow) * (Width - Left - Right));
        double Y(double y) => Height - Bottom - ((y - yLow) / (yHigh - yLow) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        Append(svg, $"<text class=\"title\" x=\"{Left}\" y=\"16\">{HtmlPage.Encode(title)}</text>");
        foreach (double tick in yTicks)
        {
            Append(svg, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\"/>");
            Append(svg, $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick:G4}</text>");
        }

        foreach (double tick in xTicks.Where(tick => tick >= xLow && tick <= xHigh))
        {
            Append(svg, $"<text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{tick:G4}</text>");
        }

        Append(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{HtmlPage.Encode(xLabel)}</text>");
        for (int i = 0; i < lines.Length; i++)
        {
            var drawn = lines[i].Points.Where(IsFinite).ToArray();
            string path = string.Join(' ', drawn.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}")));
            Append(svg, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{Colors[i]}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>");
            if (drawn.Length <= 30)
            {
                foreach (var point in drawn)
                {
                    Append(svg, $"<circle cx=\"{X(point.X):F1}\" cy=\"{Y(point.Y):F1}\" r=\"3\" fill=\"{Colors[i]}\"/>");
                }
            }

            double legend = Width - Right - (130 * (lines.Length - i));
            Append(svg, $"<rect x=\"{legend + 10}\" y=\"22\" width=\"14\" height=\"3\" fill=\"{Colors[i]}\"/><text x=\"{legend + 30}\" y=\"28\">{HtmlPage.Encode(lines[i].Name)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Append(StringBuilder text, FormattableString part) => text.Append(part.ToString(CultureInfo.InvariantCulture));

    private static bool IsFinite((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        double low = double.MaxValue, high = double.MinValue;
        foreach (double value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return high > low ? (low, high) : (low - 0.5, high + 0.5);
    }

    // Three to eight round numbers (1, 2 or 5 times a power of ten apart) that span the range.
    private static double[] Ticks(double low, double high)
    {
        double raw = (high - low) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = Enumerable.Range(0, 4).Select(i => RoundNumbers[i] * power).First(candidate => candidate >= raw);
        double first = Math.Floor(low / step), last = Math.Ceiling(high / step);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Math.Round((first + i) * step, 12))];
    }
}
