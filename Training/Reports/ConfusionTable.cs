using System.Globalization;
using System.Text;

namespace AlexNetMl.Training.Reports;

/// <summary>A confusion matrix as a shaded table: rows are true classes, columns are predictions.</summary>
public static class ConfusionTable
{
    /// <summary>Draws the table with recall at the end of each row and precision under each column.</summary>
    /// <param name="labels">Class names, K of them.</param>
    /// <param name="counts">K×K: <c>counts[true][predicted]</c>.</param>
    public static string Draw(IReadOnlyList<string> labels, IReadOnlyList<IReadOnlyList<double>> counts)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count != labels.Count || counts.Any(row => row.Count != labels.Count))
        {
            throw new ArgumentException($"The confusion matrix must be {labels.Count} x {labels.Count}, one row and column per label.", nameof(counts));
        }

        var html = new StringBuilder("<div class=\"scroll\"><table><tr><th>true \\ predicted</th>");
        foreach (string label in labels)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th><div class=\"column-head\">{HtmlPage.Encode(label)}</div></th>");
        }

        html.Append("<th>recall</th></tr>\n");
        for (int truth = 0; truth < labels.Count; truth++)
        {
            double total = counts[truth].Sum();
            html.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlPage.Encode(labels[truth])}</th>");
            for (int predicted = 0; predicted < labels.Count; predicted++)
            {
                double share = total > 0 ? counts[truth][predicted] / total : 0;
                string tint = truth == predicted ? "34, 128, 74" : "208, 60, 60";
                string strength = (truth == predicted ? share * 0.55 : Math.Min(1, share * 4) * 0.6).ToString("F3", CultureInfo.InvariantCulture);
                html.Append(CultureInfo.InvariantCulture, $"<td style=\"background: rgba({tint}, {strength})\">{counts[truth][predicted]:F0}</td>");
            }

            html.Append(CultureInfo.InvariantCulture, $"<td>{Share(counts[truth][truth], total)}</td></tr>\n");
        }

        html.Append("<tr><th>precision</th>");
        for (int predicted = 0; predicted < labels.Count; predicted++)
        {
            html.Append(CultureInfo.InvariantCulture, $"<td>{Share(counts[predicted][predicted], counts.Sum(row => row[predicted]))}</td>");
        }

        double right = Enumerable.Range(0, labels.Count).Sum(i => counts[i][i]);
        return html.Append(CultureInfo.InvariantCulture, $"<td>{Share(right, counts.Sum(row => row.Sum()))}</td></tr></table></div>").ToString();
    }

    /// <summary>Where there are too many classes for a table: the most frequent confusions, one a row.</summary>
    /// <param name="labels">Class names, K of them.</param>
    /// <param name="counts">K×K: <c>counts[true][predicted]</c>.</param>
    /// <param name="rows">Most rows to draw.</param>
    public static string DrawWorst(IReadOnlyList<string> labels, IReadOnlyList<IReadOnlyList<long>> counts, int rows)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(counts);
        var worst = Enumerable.Range(0, labels.Count)
            .SelectMany(truth => Enumerable.Range(0, labels.Count).Where(predicted => predicted != truth && counts[truth][predicted] > 0).Select(predicted => (truth, predicted, count: counts[truth][predicted])))
            .OrderByDescending(cell => cell.count).ThenBy(cell => cell.truth).ThenBy(cell => cell.predicted).Take(rows);
        var html = new StringBuilder("<table><tr><th>true class</th><th>taken for</th><th>pictures</th><th>of the class</th></tr>\n");
        foreach ((int truth, int predicted, long count) in worst)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlPage.Encode(labels[truth])}</th><th>{HtmlPage.Encode(labels[predicted])}</th><td>{count}</td><td>{Share(count, counts[truth].Sum())}</td></tr>\n");
        }

        return html.Append("</table>").ToString();
    }

    private static string Share(double part, double whole) => whole > 0 ? (part / whole).ToString("P1", CultureInfo.InvariantCulture) : "–";
}
