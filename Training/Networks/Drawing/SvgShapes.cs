using System.Globalization;
using System.Net;
using System.Text;

namespace AlexNetMl.Training;

/// <summary>What pictures of networks are made of.</summary>
internal static class SvgShapes
{
    public const int BoxWidth = 164, BoxHeight = 38, RowGap = 26;

    public const string Grey = "#475569";

    public static void Text(this StringBuilder svg, int x, int y, string text, string anchor, int size, string color = "#0f172a", bool bold = false) => svg.Append(
        CultureInfo.InvariantCulture,
        $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{color}\"{(bold ? " font-weight=\"bold\"" : "")}>{WebUtility.HtmlEncode(text)}</text>\n");

    /// <summary>A box, with what is in it.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="box">The box.</param>
    /// <param name="x">Its middle.</param>
    /// <param name="top">Its upper edge.</param>
    public static void Box(this StringBuilder svg, DrawnBox box, int x, int top)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x - BoxWidth / 2}\" y=\"{top}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"5\" fill=\"{box.Color}\" stroke=\"#64748b\"/>\n");
        svg.Text(x, top + (box.Extras.Length > 0 ? 16 : 23), box.Label, "middle", 12);
        if (box.Extras.Length > 0)
            svg.Text(x, top + 31, box.Extras, "middle", 10, Grey);
    }

    /// <summary>An arrow: down its own lane as far as there are boxes beside it, then over.</summary>
    public static void Arrow(this StringBuilder svg, int x, int y, int toX, int toY)
    {
        int turn = Math.Max(y, toY - RowGap);
        svg.Arrow(x == toX
            ? string.Create(CultureInfo.InvariantCulture, $"M{x} {y}V{toY}")
            : string.Create(CultureInfo.InvariantCulture, $"M{x} {y}V{turn}C{x} {(turn + toY) / 2} {toX} {(turn + toY) / 2} {toX} {toY}"));
    }

    /// <summary>An arrow along a path.</summary>
    public static void Arrow(this StringBuilder svg, string path, bool dashed = false) =>
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"none\" stroke=\"{Grey}\"{(dashed ? " stroke-dasharray=\"5 3\"" : "")} marker-end=\"url(#arrow)\"/>\n");
}
