using System.CommandLine;
using System.Globalization;
using AlexNetMl.Samples;
using AlexNetMl.Samples.ReluVersusTanh;
using AlexNetMl.Training;
using AlexNetMl.Training.Reports;

var defaults = new FigureOptions();
var data = new Option<string?>("--data") { Description = "Folder of CIFAR-10's binary version (data_batch_1.bin …). Default: Fashion-MNIST." };
var target = new Option<double?>("--target") { Description = "Training error to reach. Default: 0.25 on CIFAR-10, as in the paper, 0.1 on Fashion-MNIST." };
var rates = new Option<double[]>("--learning-rates") { Description = "Rates to try for each network; the quickest counts (the paper chose them for each by itself).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.LearningRates] };
var batch = new Option<int>("--batch") { Description = "Pictures per step.", DefaultValueFactory = _ => defaults.BatchSize };
var maxSteps = new Option<int>("--max-steps") { Description = "Steps after which a network is given up.", DefaultValueFactory = _ => defaults.MaxSteps };
var seed = new Option<int>("--seed") { Description = "Seed of weights and order.", DefaultValueFactory = _ => defaults.Seed };
var threads = new Option<int>("--threads") { Description = "CPU threads, 0 for all cores." };
var output = new Option<string>("--out") { Description = "Folder of the figure.", DefaultValueFactory = _ => defaults.Output };
var root = new RootCommand("Figure 1 of the AlexNet paper: how many steps a four-layer network needs with ReLU and with tanh.") { data, target, rates, batch, maxSteps, seed, threads, output };

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellation) =>
    {
        var options = new FigureOptions
        {
            Data = parsed.GetValue(data), Target = parsed.GetValue(target), LearningRates = parsed.GetRequiredValue(rates), BatchSize = parsed.GetValue(batch), MaxSteps = parsed.GetValue(maxSteps),
            Seed = parsed.GetValue(seed), Threads = parsed.GetValue(threads), Output = parsed.GetRequiredValue(output),
        };
        if (options.LearningRates.Count == 0 || options.LearningRates.Any(rate => !(rate > 0)) || options.BatchSize < 1 || options.MaxSteps < 1 || options.ResolvedTarget is not (> 0 and < 1))
        {
            throw new UsageException("learning rates, batch and steps are above 0, the target between 0 and 1");
        }

        Draw(options, cancellation);
    }).ConfigureAwait(false);

static void Draw(FigureOptions options, CancellationToken cancellation)
{
    Directory.CreateDirectory(options.Output);
    LabeledPixels pixels = options.Data is null ? LabeledPixels.ReadFashionMnist() : LabeledPixels.ReadCifar(options.Data);
    if (options.BatchSize > pixels.Count)
    {
        throw new InvalidDataException($"A batch of {options.BatchSize} is more than the {pixels.Count} training pictures.");
    }

    if (options.Threads > 0)
    {
        TorchSharp.torch.set_num_threads(options.Threads);
    }

    Say($"data: {pixels.Name}; to {options.ResolvedTarget:P0} training error");
    LearningCurve relu = Quickest(AlexNetActivation.ReLU), tanh = Quickest(AlexNetActivation.Tanh);
    string verdict = (relu.StepsToTarget, tanh.StepsToTarget) switch
    {
        ({ } fast, { } slow) => string.Create(CultureInfo.InvariantCulture, $"ratio: {(double)slow / fast:F1} (tanh {slow} steps, ReLU {fast})"),
        ({ } fast, null) => string.Create(CultureInfo.InvariantCulture, $"ratio: above {(double)options.MaxSteps / fast:F1} (tanh not there after {options.MaxSteps} steps, ReLU {fast})"),
        _ => $"ratio: unknown, ReLU is not there after {options.MaxSteps} steps",
    };
    Say($"{verdict}");

    var page = new HtmlPage("ReLU against tanh", $"Figure 1 of the AlexNet paper on {pixels.Name}: a four-layer network without regularisation, each nonlinearity at the best of the learning rates tried.");
    page.Figures((relu.StepsToTarget?.ToString("N0", CultureInfo.InvariantCulture) ?? "–", $"steps to {options.ResolvedTarget:P0} training error with ReLU"), (tanh.StepsToTarget?.ToString("N0", CultureInfo.InvariantCulture) ?? "–", "with tanh"));
    page.Section("Training error", $"Share of wrong predictions over the last {LearningCurve.WindowSteps} steps. {verdict}.", LineChart.Draw("Training error", "step", new ChartLine("ReLU", relu.Points), new ChartLine("tanh", tanh.Points)));
    string path = Path.Combine(options.Output, "figure1.html");
    File.WriteAllText(path, page.ToString());
    Say($"figure: {path.Replace('\\', '/')}");

    LearningCurve Quickest(AlexNetActivation activation)
    {
        LearningCurve? best = null;
        foreach (double rate in options.LearningRates)
        {
            // A rate that is behind the best one so far need not be seen to the end.
            int give = best?.StepsToTarget ?? options.MaxSteps;
            LearningCurve curve = LearningCurve.Measure(activation, rate, pixels, options, give, (step, error) => Move($"{activation}, learning rate {rate}: step {step}, error {error:F3}"), cancellation);
            Say($"{activation}, learning rate {rate}: {(curve.StepsToTarget is { } steps ? $"{steps} steps" : $"not there after {give} steps")}");
            best = best is null || curve.StepsToTarget < best.StepsToTarget || (best.StepsToTarget is null && curve.Points[^1].Error < best.Points[^1].Error) ? curve : best;
        }

        return best!;
    }
}

static void Say(FormattableString text) => Console.WriteLine($"{(Console.IsOutputRedirected ? "" : "\r")}{text.ToString(CultureInfo.InvariantCulture),-70}".TrimEnd());

static void Move(FormattableString text)
{
    if (!Console.IsOutputRedirected)
    {
        Console.Write($"\r{text.ToString(CultureInfo.InvariantCulture),-70}");
    }
}
