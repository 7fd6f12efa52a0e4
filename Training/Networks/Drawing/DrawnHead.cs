using System.Globalization;
using System.Text;

namespace AlexNetMl.Training;

/// <summary>A further classifier, drawn as a branch beside the network that ends in a loss of its own.</summary>
/// <param name="head">The classifier.</param>
internal sealed class DrawnHead(AuxiliaryProfile head)
{
    /// <summary>What a picture is wider by where it has such branches.</summary>
    public const int Width = SvgShapes.BoxWidth + 2 * Padding + Gap;

    private const int Padding = 10, Caption = 24, Gap = 24;

    private readonly List<DrawnBox> _boxes = DrawnSegment.Boxed(head.Layers, []);

    /// <summary>The path of the step that it takes.</summary>
    public string Input => head.Input;

    private int Height => Caption + (_boxes.Count + 1) * (SvgShapes.BoxHeight + SvgShapes.RowGap) - SvgShapes.RowGap + Padding;

    /// <summary>Draws it.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="start">Where the path begins that leads to it.</param>
    /// <param name="level">Height at which that path goes over to the lane.</param>
    /// <param name="right">Right edge of the lane.</param>
    /// <param name="free">Where the lane is free from.</param>
    /// <returns>Its lower edge.</returns>
    public int Draw(StringBuilder svg, (int X, int Y) start, int level, int right, int free)
    {
        int x = right - Padding - SvgShapes.BoxWidth / 2, top = Math.Max(level + Gap, free + Gap);
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{right - SvgShapes.BoxWidth - 2 * Padding}\" y=\"{top}\" width=\"{SvgShapes.BoxWidth + 2 * Padding}\" height=\"{Height}\" rx=\"8\" fill=\"white\" stroke=\"#94a3b8\" stroke-dasharray=\"5 3\"/>\n");
        svg.Arrow(string.Create(CultureInfo.InvariantCulture, $"M{start.X} {start.Y}V{level}H{x - 10}Q{x} {level} {x} {level + 10}V{top}"), dashed: true);
        svg.Text(x, top + 16, $"{head.Path}: training only", "middle", 11, SvgShapes.Grey, bold: true);
        int y = top + Caption;
        var tops = new Dictionary<DrawnBox, int>();
        foreach (DrawnBox box in _boxes)
        {
            foreach (DrawnBox input in box.Inputs)
                svg.Arrow(x, tops[input] + SvgShapes.BoxHeight, x, y);
            svg.Box(box, x, y);
            tops[box] = y;
            y += SvgShapes.BoxHeight + SvgShapes.RowGap;
        }
        svg.Arrow(x, y - SvgShapes.RowGap, x, y);
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x - SvgShapes.BoxWidth / 2}\" y=\"{y}\" width=\"{SvgShapes.BoxWidth}\" height=\"{SvgShapes.BoxHeight}\" rx=\"19\" fill=\"#fecaca\" stroke=\"#64748b\"/>\n");
        svg.Text(x, y + 16, "softmax", "middle", 12);
        svg.Text(x, y + 31, string.Create(CultureInfo.InvariantCulture, $"loss × {head.LossWeight:0.###}"), "middle", 10, SvgShapes.Grey);
        return top + Height;
    }
}
