using System.Globalization;
using AlexNetMl.Training;
using AlexNetMl.Training.Reports;
using TorchSharp.Modules;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>The run as one page: figures, learning curves, first-layer kernels, confusion matrix, right and wrong predictions.</summary>
internal static class QuickstartReport
{
    private const int PicturesPerSheet = 24;

    public static string Draw(QuickstartResults results, AlexNet network)
    {
        var score = results.Score;
        var history = results.Training.Epochs;
        var invariant = CultureInfo.InvariantCulture;
        var page = new HtmlPage(
            "AlexNet, trained in C#, exported as ONNX, scored as an ML.NET estimator",
            string.Create(invariant, $"{results.Data.Description}; {history.Count} {(history.Count == 1 ? "epoch" : "epochs")} from random weights (seed {results.Options.Seed}), {results.Training.Elapsed.TotalSeconds:F0} s on {results.Options.Device}"));
        page.Figures(
            (score.Metrics.MicroAccuracy.ToString("P2", invariant), "top-1 on the test pictures"),
            (score.Metrics.TopKAccuracy.ToString("P2", invariant), "top-5"),
            (results.Parameters.ToString("N0", invariant), "parameters"),
            (results.Export.Verification.WorstRelativeDifference.ToString("0.0e-00", invariant), "torch against ONNX, worst relative difference"),
            (string.Create(invariant, $"{score.Rows.Count / Math.Max(score.Seconds, 1e-9):N0} /s"), $"pictures scored through ML.NET, {score.Provider}"),
            (score.Metrics.LogLoss.ToString("F3", invariant), "log-loss"));

        page.Section(
            "Learning curves",
            "The training loss carries dropout, random crops and flips; the held-out pictures, never trained on, are scored as they are.",
            "<div class=\"charts\">",
            LineChart.Draw("Cross-entropy", "epoch", new ChartLine("training", [.. history.Select(e => ((double)e.Epoch, e.TrainingLoss))]), new ChartLine("held out", [.. history.Select(e => ((double)e.Epoch, e.ValidationLoss))])),
            LineChart.Draw("Accuracy", "epoch", new ChartLine("training", [.. history.Select(e => ((double)e.Epoch, e.TrainingAccuracy))]), new ChartLine("held out", [.. history.Select(e => ((double)e.Epoch, e.ValidationAccuracy))])),
            "</div>");

        var kernels = ((Conv2d)network.named_children().First(child => child.name == "conv1").module).weight!;
        long[] shape = kernels.shape;
        page.Section(
            "First-layer kernels",
            string.Create(invariant, $"{shape[0]} kernels of {shape[2]}×{shape[3]}×3, each stretched to its own range (the paper's Figure 3)."),
            PictureSheet.Kernels(kernels.data<float>().ToArray(), (int)shape[0], (int)shape[2], (int)shape[3]));

        page.Section("Confusion matrix", "Rows are true classes, columns are predictions, on the test pictures.", ConfusionTable.Draw(results.Data.Test.Classes, score.Metrics.ConfusionMatrix.Counts));

        var right = score.Rows.Where(row => row.PredictedLabel == row.Label);
        var wrong = score.Rows.Where(row => row.PredictedLabel != row.Label);
        page.Section("Right", "Spread evenly over the test pictures, with the probability the network gives.", Sheet(right, results));
        page.Section("Wrong", "Likewise.", Sheet(wrong, results));
        return page.ToString();
    }

    private static string Sheet(IEnumerable<ScoredPicture> rows, QuickstartResults results)
    {
        ScoredPicture[] all = [.. rows];
        int shown = Math.Min(PicturesPerSheet, all.Length);
        var chosen = Enumerable.Range(0, shown).Select(i => all[(int)((long)i * all.Length / shown)]);
        return PictureSheet.Predictions(chosen.Select(row => new PredictedPicture(
            File.ReadAllBytes(row.ImagePath), row.ClassName, results.Data.Test.Classes[(int)row.PredictedLabel - 1], row.Score[(int)row.PredictedLabel - 1])));
    }
}
