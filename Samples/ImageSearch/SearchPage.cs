using System.Globalization;
using System.Text;
using AlexNetMl.Imaging;
using AlexNetMl.Training.Reports;

namespace AlexNetMl.Samples.ImageSearch;

/// <summary>Figure 4 (right) as a page of pictures: first what was searched with, then what was found.</summary>
internal static class SearchPage
{
    private const int RowsOfEachClass = 2, MostRows = 24;

    // Twice what the page shows, for dense screens.
    private const int LongestSide = 188;

    public static string Draw(SearchResult result)
    {
        SearchOptions options = result.Options;
        var page = new HtmlPage(
            "Nearest pictures",
            $"As Figure 4 (right) of the AlexNet paper: the first picture of each row was searched with, the others are the {options.Neighbours} of {result.Gallery.Count:N0} whose activations in {options.Layer} have the smallest Euclidean distance from its own. Green: the same class.");
        page.Figures(
            (Percent(result.FeatureShare), $"of the {options.Neighbours} nearest by {options.Layer} show the same class"),
            (Percent(result.PixelShare), "of the nearest by pixels"),
            (Percent(result.ChanceShare), "by chance"),
            (result.Queries.Count.ToString("N0", CultureInfo.InvariantCulture), "pictures were searched with"));

        int[] shown = [.. result.Queries.Index().GroupBy(query => query.Item.ClassName).SelectMany(queries => queries.Take(RowsOfEachClass)).Select(query => query.Index).Take(MostRows)];
        page.Section(
            $"By {options.Layer}", "What the network has learnt to be alike.", [.. shown.Select(index => Row(result.Queries[index], result.ByFeatures[index]))]);
        page.Section(
            "By pixels", "The same searches by the Euclidean distance of the pixels that the network sees.", [.. shown.Select(index => Row(result.Queries[index], result.ByPixels[index]))]);
        return page.ToString();
    }

    private static string Row(PictureRow query, Neighbour[] neighbours)
    {
        var html = new StringBuilder("<div class=\"pictures\" style=\"margin-bottom: 10px\">");
        Picture(html, query, "query", "", "style=\"border-color: currentColor; margin-right: 26px\"");
        foreach (Neighbour neighbour in neighbours)
        {
            string mark = neighbour.Picture.ClassName == query.ClassName ? "right" : "wrong";
            Picture(html, neighbour.Picture, mark, neighbour.Distance.ToString("G3", CultureInfo.InvariantCulture), "");
        }

        return html.Append("</div>").ToString();
    }

    private static void Picture(StringBuilder html, PictureRow row, string mark, string note, string style)
    {
        string name = HtmlPage.Encode(row.ClassName), png = Convert.ToBase64String(PngEncoder.Encode(Small(ImageFile.Load(row.ImagePath))));
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"picture {mark}\" {style}><img alt=\"{name}\" src=\"data:image/png;base64,{png}\"/><b>{name}</b> {note}</div>");
    }

    // A page of photographs as they are would take a browser minutes.
    private static RgbImage Small(RgbImage image)
    {
        double factor = (double)LongestSide / Math.Max(image.Width, image.Height);
        return factor >= 1 ? image : ImageResampler.Resize(image, Side(image.Width, factor), Side(image.Height, factor), ResamplingFilter.Bilinear);
    }

    private static int Side(int side, double factor) => Math.Max(1, (int)Math.Round(side * factor));

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);
}
