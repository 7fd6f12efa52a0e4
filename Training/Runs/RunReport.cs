using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AlexNetMl.Training.Reports;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// report.html of a run: renewed while it trains (the page reloads itself until the run is over), readable without network or script.
/// </summary>
internal sealed class RunReport
{
    private const int LargestConfusion = 40;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(5);
    private readonly string _path;
    private readonly RunDescription _description;
    private readonly TimeSpan _interval;
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly TrainingCurve _loss = new(), _accuracy = new(), _rate = new();
    private readonly List<(double Step, double TrainingLoss, double TrainingAccuracy, double Loss, double Accuracy)> _epochs = [];
    private EvaluationResult? _validation;
    private bool _written, _news;

    internal RunReport(string path, string metrics, RunDescription description, TimeSpan interval)
    {
        (_path, _description, _interval) = (path, description, interval);
        Metrics = metrics;
    }

    private string Metrics { get; }

    /// <summary>Takes up what earlier sessions measured.</summary>
    internal void Open()
    {
        foreach ((long step, string kind, _, JsonObject values) in MetricsLog.Read(Metrics))
        {
            double Number(string key) => values[key] is JsonValue value && value.TryGetValue(out double number) ? number : double.NaN;
            if (kind == MetricsLog.Step)
                AddPoints(step, Number("loss"), Number("accuracy"), Number("learningRate"));
            else
                _epochs.Add((step, Number("trainingLoss"), Number("trainingAccuracy"), Number("validationLoss"), Number("validationAccuracy")));
        }
    }

    internal void AddStep(long step, double loss, double accuracy, double rate)
    {
        _news = true;
        AddPoints(step, loss, accuracy, rate);
    }

    private void AddPoints(long step, double loss, double accuracy, double rate)
    {
        _loss.Add(step, loss);
        _accuracy.Add(step, accuracy);
        _rate.Add(step, rate);
    }

    /// <summary>Renews the page when it is time.</summary>
    internal void StepDone(TrainingState state, nn.Module network)
    {
        if (_since.Elapsed >= _interval)
            Write(state, network, over: false);
    }

    internal void EpochDone(TrainingState state, EpochMetrics metrics, EvaluationResult? validation, nn.Module network)
    {
        _epochs.Add((state.Step, metrics.TrainingLoss, metrics.TrainingAccuracy, metrics.ValidationLoss, metrics.ValidationAccuracy));
        _validation = validation;
        _news = true;
        // Short epochs come too fast to be looked at one by one.
        if (!_written || _since.Elapsed >= ShortestInterval)
            Write(state, network, over: false);
    }

    internal void Write(TrainingState state, nn.Module network, bool over)
    {
        // A run that was over already: the page of then says more, it has the confusions.
        if (over && !_news && File.Exists(_path) && !HtmlPage.RenewsItself(File.ReadAllText(_path)))
            return;
        CultureInfo invariant = CultureInfo.InvariantCulture;
        RunDescription run = _description;
        var page = new HtmlPage(
            $"{run.Architecture}, recipe {run.Recipe.Title}",
            string.Create(invariant, $"{run.Data.TrainingPictures} training and {run.Data.ValidationPictures} validation pictures of {run.Classes.Count} classes; {(over ? "training is over" : "training, this page renews itself")}."),
            refreshSeconds: over ? null : Math.Max(5, (int)_interval.TotalSeconds));
        EpochMetrics? last = state.Epochs.Count > 0 ? state.Epochs[^1] : null;
        page.Figures(
            (state.Step.ToString("N0", invariant), "steps"),
            ($"{state.Epochs.Count} of {run.Training.Epochs}", "epochs"),
            (last is null || double.IsNaN(last.ValidationAccuracy) ? "–" : last.ValidationAccuracy.ToString("P2", invariant), "top-1 on the validation pictures"),
            (state.Best is null ? "–" : string.Create(invariant, $"{state.Best.Accuracy:P2}"), state.Best is null ? "best" : $"best, after epoch {state.Best.Epoch}"),
            (last is null ? "–" : last.ImagesPerSecond.ToString("N0", invariant), "images/s in the last epoch"),
            (TimeSpan.FromSeconds(Math.Round(state.Seconds)).ToString("g", invariant), "spent"));
        page.Section(
            "Curves",
            "Of training: batches as they are drawn, dropout on. Of validation: whole pictures' centre windows, dropout off.",
            "<div class=\"charts\">",
            LineChart.Draw("Cross entropy", "step", Lines(_loss, epoch => epoch.Loss)),
            LineChart.Draw("Top-1 accuracy", "step", Lines(_accuracy, epoch => epoch.Accuracy)),
            LineChart.Draw("Learning rate", "step", new ChartLine("learning rate", _rate.Points)),
            "</div>");
        if (FirstKernels(network) is { } kernels)
            page.Section("First-layer kernels", kernels.Caption, kernels.Picture);
        if (_validation is { } validation)
            page.Section("Validation pictures", $"After epoch {state.Epochs.Count}.{(state.Best is { } best && best.Epoch < state.Epochs.Count ? $" evaluate and export take the best weights, those of epoch {best.Epoch}." : "")}{Unscored(validation)}", Confusion(validation));
        page.Section("Recipe", $"{run.Recipe.Description} Every switch in force, and where its value comes from.", Facts(run));
        TextFile.Write(_path, page.ToString());
        _written = true;
        _since.Restart();
    }

    private static string Facts(RunDescription run)
    {
        Recipe? named = Recipes.All.FirstOrDefault(recipe => recipe.Name == run.Recipe.Name && recipe.Network.GetType() == run.Recipe.Network.GetType());
        Dictionary<string, string> usual = named?.Describe().ToDictionary(fact => fact.Name, fact => fact.Value) ?? [];
        IEnumerable<string> rows = run.Recipe.Describe(run.ShorterSide).Select(fact =>
        {
            string source = usual.TryGetValue(fact.Name, out string? value) && value != fact.Value ? $"chosen for this run; the recipe's: {value}" : fact.Source;
            return $"<tr><th>{HtmlPage.Encode(fact.Name)}</th><td class=\"text\">{HtmlPage.Encode(fact.Value)}</td><td class=\"text\">{HtmlPage.Encode(source)}</td></tr>";
        });
        return $"<div class=\"scroll\"><table>{string.Concat(rows)}</table></div>";
    }

    private ChartLine[] Lines(TrainingCurve training, Func<(double Step, double TrainingLoss, double TrainingAccuracy, double Loss, double Accuracy), double> validation)
    {
        var line = new ChartLine("training", training.Points);
        return _epochs.Any(epoch => double.IsFinite(validation(epoch)))
            ? [line, new ChartLine("validation", [.. _epochs.Select(epoch => (epoch.Step, validation(epoch)))])]
            : [line];
    }

    // The paper's Figure 3.
    private static (string Caption, string Picture)? FirstKernels(nn.Module network)
    {
        foreach ((string name, Tensor weight) in network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
        {
            if (weight.ndim != 4 || weight.shape[1] != 3)
                continue;
            using var scope = NewDisposeScope();
            float[] values = MemoryMarshal.Cast<byte, float>(weight.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
            long[] shape = weight.shape;
            return ($"{shape[0]} kernels of {shape[2]}×{shape[3]}×3 ({name}), each stretched to its own range (the paper's Figure 3).",
                PictureSheet.Kernels(values, (int)shape[0], (int)shape[2], (int)shape[3]));
        }
        return null;
    }

    private static string Unscored(EvaluationResult validation) => validation.UnscoredImages == 0 ? "" :
        string.Create(CultureInfo.InvariantCulture, $" {validation.UnscoredImages:N0} of {validation.Images:N0} pictures got scores that are not numbers; they are in no column, recall and precision leave them out.");

    private string Confusion(EvaluationResult validation)
    {
        if (_description.Classes.Count <= LargestConfusion)
            return ConfusionTable.Draw(_description.Classes, [.. validation.Confusion.Select(row => (IReadOnlyList<double>)[.. row.Select(count => (double)count)])]);
        return ConfusionTable.DrawWorst(_description.Classes, validation.Confusion, LargestConfusion);
    }
}
