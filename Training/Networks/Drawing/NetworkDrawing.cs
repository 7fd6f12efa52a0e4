using System.Globalization;
using System.Text;

namespace AlexNetMl.Training;

/// <summary>A network as an SVG picture, drawn from its definition: layers from top to bottom, branches side by side, blocks that repeat once with their number.</summary>
public static class NetworkDrawing
{
    private const int BoxWidth = SvgShapes.BoxWidth, BoxHeight = SvgShapes.BoxHeight, LaneGap = 18, RowGap = SvgShapes.RowGap, SegmentGap = 30, NameWidth = 200, ShapeWidth = 150, Top = 74, Margin = 20;

    /// <summary>Draws a network.</summary>
    /// <param name="profile">The network.</param>
    /// <param name="title">What it is called.</param>
    /// <param name="subtitle">A line below, such as its paper.</param>
    /// <returns>The text of an SVG file.</returns>
    public static string Svg(NetworkProfile profile, string title, string subtitle = "")
    {
        ArgumentNullException.ThrowIfNull(profile);
        IReadOnlyList<DrawnSegment> segments = DrawnSegment.Of(profile);
        int lanes = segments.Max(segment => segment.Lanes);
        int middle = Math.Max(lanes * (BoxWidth + LaneGap) - LaneGap + 80, 740 - NameWidth - ShapeWidth);
        DrawnHead[] heads = [.. profile.Auxiliaries.Select(head => new DrawnHead(head))];
        int lane = Margin + NameWidth + middle + (heads.Length > 0 ? DrawnHead.Width : 0), width = lane + ShapeWidth + Margin;
        var body = new StringBuilder();
        int y = Top + 22 + SegmentGap, beside = 0, centre = Margin + NameWidth + middle / 2;
        body.Text(centre, Top + 14, "input", "middle", 12);
        body.Text(width - Margin, Top + 14, $"3×{profile.InputSide}×{profile.InputSide}", "end", 12, SvgShapes.Grey);
        foreach (DrawnSegment segment in segments)
        {
            Segment(body, segment, centre, y, width, [.. heads.Where(head => segment.Last.Any(box => box.Makes(head.Input)))], lane, ref beside);
            y += segment.Rows * (BoxHeight + RowGap) - RowGap + SegmentGap + (IsBlock(segment) ? 16 : 0);
        }
        y = Math.Max(y, beside + SegmentGap);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{y}\" viewBox=\"0 0 {width} {y}\" font-family=\"Helvetica, Arial, sans-serif\">\n");
        svg.Append("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#475569\"/></marker></defs>\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Text(Margin, 30, title, "start", 20, bold: true);
        string figures = string.Create(CultureInfo.InvariantCulture, $"{profile.ParametersInUse:N0} parameters, {profile.MultiplyAdds / 1e6:N0} million multiply-adds, {profile.Depth} layers deep");
        svg.Text(Margin, 50, figures, "start", 12, SvgShapes.Grey);
        if (subtitle.Length > 0)
            svg.Text(Margin, 66, subtitle, "start", 11, SvgShapes.Grey);
        return svg.Append(body).Append("</svg>\n").ToString();
    }

    private static void Segment(StringBuilder svg, DrawnSegment segment, int centre, int y, int width, IReadOnlyList<DrawnHead> heads, int lane, ref int beside)
    {
        int inner = segment.Rows * (BoxHeight + RowGap) - RowGap, left = centre - (segment.Lanes * (BoxWidth + LaneGap) - LaneGap) / 2;
        bool block = IsBlock(segment);
        int top = y + (block ? 8 : 0);
        if (block)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{left - 10}\" y=\"{y}\" width=\"{segment.Lanes * (BoxWidth + LaneGap) - LaneGap + 20}\" height=\"{inner + 16}\" rx=\"8\" fill=\"#f8fafc\" stroke=\"#cbd5e1\"/>\n");
        }
        if (segment.IsPassedBy)
        {
            int past = left + segment.Lanes * (BoxWidth + LaneGap) - LaneGap + 30, bottom = top + inner + (block ? 8 : 0);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{centre} {y - SegmentGap}C{centre} {y - 8} {past} {y - 24} {past} {y + 20}V{bottom - 20}C{past} {bottom + 24} {centre} {bottom + 8} {centre} {bottom + SegmentGap}\" fill=\"none\" stroke=\"#475569\"/>\n");
        }
        // Lines first: they run behind the boxes.
        foreach (DrawnBox box in segment.Boxes)
        {
            (int x, int boxTop) = At(box);
            if (segment.TakesOutside(box))
                Entry(svg, segment, box, centre, y, x, boxTop, left);
            foreach (DrawnBox input in segment.Inner(box))
            {
                (int fromX, int fromTop) = At(input);
                svg.Arrow(fromX, fromTop + BoxHeight, x, boxTop);
            }
        }
        foreach (DrawnHead head in heads)
        {
            int tapped = Enumerable.Range(0, segment.Last.Count).First(i => segment.Last[i].Makes(head.Input)), bottom = top + inner + (block ? 8 : 0);
            (int x, int boxTop) = At(segment.Boxes[tapped]);
            beside = tapped == segment.Last.Count - 1 ? head.Draw(svg, (centre, bottom), bottom + 7, lane, beside) : head.Draw(svg, (x + BoxWidth / 2, boxTop + BoxHeight / 2), boxTop + BoxHeight / 2, lane, beside);
        }
        foreach (DrawnBox box in segment.Boxes)
        {
            (int x, int boxTop) = At(box);
            svg.Box(box, x, boxTop);
        }
        int middle = top + inner / 2 + 4;
        svg.Text(Margin, middle, Name(segment), "start", 12);
        if (segment.Count > 1)
            svg.Text(Margin, middle + 18, $"× {segment.Count}", "start", 14, bold: true);
        svg.Text(width - Margin, middle, Shape(segment), "end", 12, SvgShapes.Grey);

        // What joins lanes stands between them.
        (int X, int Top) At(DrawnBox box) => (
            box.IsJoin && segment.Lanes > 1 ? centre : left + BoxWidth / 2 + segment.Places[box].Lane * (BoxWidth + LaneGap),
            top + segment.Places[box].Row * (BoxHeight + RowGap));
    }

    // From above: straight down, or past the boxes in the last lane where a box of a lower row adds its block's input.
    private static void Entry(StringBuilder svg, DrawnSegment segment, DrawnBox box, int centre, int y, int x, int boxTop, int left)
    {
        int from = y - SegmentGap;
        if (segment.Places[box].Row == 0 || !box.IsJoin)
        {
            svg.Arrow(centre, from, x, boxTop);
            return;
        }
        int lane = left + segment.Lanes * (BoxWidth + LaneGap) - LaneGap - 24, into = boxTop + BoxHeight / 2;
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{centre} {from}C{centre} {y} {lane} {y - 16} {lane} {y + 24}V{into - 14}Q{lane} {into} {lane - 14} {into}H{x + BoxWidth / 2}\" fill=\"none\" stroke=\"#475569\" marker-end=\"url(#arrow)\"/>\n");
    }

    private static bool IsBlock(DrawnSegment segment) => segment.Boxes.Count > 1;

    private static string Name(DrawnSegment segment)
    {
        string first = NameOf(segment.First), last = NameOf(segment.Last);
        return first == last ? first : $"{first} … {last[Common(first, last)..]}";
    }

    // What all boxes' paths begin with; of torchvision's names the outermost container says nothing.
    private static string NameOf(IReadOnlyList<DrawnBox> boxes)
    {
        string[][] paths = [.. boxes.Select(box => box.First.Path.Split('.'))];
        int length = boxes.Count == 1 ? paths[0].Length : Enumerable.Range(0, paths.Min(path => path.Length)).TakeWhile(i => paths.All(path => path[i] == paths[0][i])).Count();
        return string.Join('.', paths[0].Take(length).Where((part, i) => i > 0 || part != "features"));
    }

    // As far as two names are the same up to a number.
    private static int Common(string a, string b)
    {
        int end = 0;
        while (end < Math.Min(a.Length, b.Length) && a[end] == b[end])
            end++;
        while (end > 0 && char.IsAsciiDigit(b[end - 1]))
            end--;
        return end;
    }

    private static string Shape(DrawnSegment segment)
    {
        string first = segment.First[^1].Last.Shape, last = segment.Last[^1].Last.Shape;
        return first == last ? first : $"{first} … {last}";
    }
}
