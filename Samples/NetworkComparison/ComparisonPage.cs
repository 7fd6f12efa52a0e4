using System.Globalization;
using System.Net;
using System.Text;
using AlexNetMl.Samples.Quickstart;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.NetworkComparison;

/// <summary>comparison.md and its two charts.</summary>
internal static class ComparisonPage
{
    public const string Name = "comparison.md";
    private static readonly string[] Colors = ["#2563eb", "#dc2626", "#16a34a", "#9333ea", "#ea580c", "#0891b2", "#ca8a04", "#475569", "#db2777"];

    public static void Write(ComparisonOptions options, string data, int pictures, int epochs, IReadOnlyList<ContestantResult> results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{data}; {pictures:N0} of them to train on, a tenth of these held out, {epochs} epochs each, recipe `default` of each network, batch {options.BatchSize}, side {options.Side}, seed {options.Seed}.\n\n");
        IEnumerable<IReadOnlyList<string>> rows = results.Select(result => (IReadOnlyList<string>)
        [
            result.Contestant.Name,
            Text($"{result.Contestant.Width}"),
            Text($"{result.Profile.ParametersInUse:N0}"),
            Text($"{result.Profile.MultiplyAdds / 1e6:N1} M"),
            Text($"{result.Top1:F4}"),
            Text($"{result.Loss:F3}"),
            Text($"{result.Epochs[^1].TrainingLoss:F3}"),
            result.Rate is { } rate ? Text($"{rate.Training:N0}") : "–",
            result.Rate is { } measured ? Text($"{measured.Scoring:N0}") : "–",
        ]);
        text.Append(ProfileTable.Markdown(["network", "width", "parameters", "multiply-adds", "top-1, test", "cross entropy, test", "cross entropy, training, last epoch", "images/s, training", "images/s, scoring"], rows));
        AtomicFile.WriteAllText(Path.Combine(options.Output, Name), text.ToString());
        AtomicFile.WriteAllText(Path.Combine(options.Output, "accuracy.svg"), Chart("Top-1 on the held-out pictures", results, epoch => epoch.ValidationAccuracy));
        AtomicFile.WriteAllText(Path.Combine(options.Output, "training-loss.svg"), Chart("Cross entropy on the training pictures", results, epoch => epoch.TrainingLoss));
    }

    private static string Chart(string title, IReadOnlyList<ContestantResult> results, Func<EpochMetrics, double> value)
    {
        const int Width = 760, Height = 400, Left = 60, Right = 170, Top = 40, Bottom = 50;
        double[] values = [.. results.SelectMany(result => result.Epochs).Select(value).Where(double.IsFinite)];
        if (values.Length == 0)
        {
            return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"40\"><text x=\"10\" y=\"25\">{title}: nothing was measured.</text></svg>\n";
        }

        double low = values.Min(), high = Math.Max(values.Max(), values.Min() + 1e-9);
        int epochs = results.Max(result => result.Epochs.Count);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n");
        for (int tick = 0; tick <= 4; tick++)
        {
            double at = low + (high - low) * tick / 4;
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(at):F1}H{Width - Right}\" stroke=\"#e2e8f0\"/><text x=\"{Left - 6}\" y=\"{Y(at) + 4:F1}\" text-anchor=\"end\">{at:0.000}</text>\n");
        }

        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(epoch):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{epoch}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">epoch</text>\n");
        for (int i = 0; i < results.Count; i++)
        {
            string color = Colors[i % Colors.Length];
            string points = string.Join(' ', results[i].Epochs.Where(epoch => double.IsFinite(value(epoch))).Select(epoch => Text($"{X(epoch.Epoch):F1},{Y(value(epoch)):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/><rect x=\"{Width - Right + 14}\" y=\"{Top + 20 * i}\" width=\"14\" height=\"4\" fill=\"{color}\"/><text x=\"{Width - Right + 34}\" y=\"{Top + 20 * i + 7}\">{WebUtility.HtmlEncode(results[i].Contestant.Name)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();

        double X(double epoch) => epochs == 1 ? (Left + Width - Right) / 2.0 : Left + (epoch - 1) * (Width - Left - Right) / (epochs - 1);

        double Y(double at) => Height - Bottom - (at - low) / (high - low) * (Height - Top - Bottom);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
