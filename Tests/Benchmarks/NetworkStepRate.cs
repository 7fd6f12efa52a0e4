using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// A full training step of the networks after AlexNet at 224×224: forward, cross entropy (of the further classifiers too), backward, SGD with momentum and weight
/// decay. Ours and torchvision's under PyTorch's eager mode take turns, so that a busy machine slows both; the ratio is the median over the rounds.
/// </summary>
/// <remarks>
/// ALEXNETML_NETWORKS (default: one of each kind), ALEXNETML_STEP_BATCHES (default 8) and ALEXNETML_STEP_ROUNDS (default 7) choose what is run.
/// </remarks>
public static class NetworkStepRate
{
    private const int Side = 224;
    private const double LearningRate = 1e-4;

    /// <summary>Measures and prints two rates and a ratio for each network and batch size.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int rounds = int.Parse(Setting("ALEXNETML_STEP_ROUNDS", "7"), CultureInfo.InvariantCulture);
        using (Tensor warm = randn([256, 256]))
            warm.matmul(warm).Dispose();                    // loads the BLAS
        string[] libraries = AlexNetStepRate.LoadedLibraries();
        output.WriteLine($"ours: torch {__version__}, {get_num_threads()} threads, {string.Join(", ", libraries)}");
        string? blas = libraries.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libblas", StringComparison.Ordinal));
        using PyTorchStep? python = PyTorchStep.Start("network_step.py", get_num_threads(), Path.GetDirectoryName(blas), out string problem);
        output.WriteLine(python is null ? $"PyTorch's side is left out: {problem}" : $"theirs: {python.Description}");
        foreach (string name in Setting("ALEXNETML_NETWORKS", "vgg11,vgg16_bn,googlenet,googlenet_bn,resnet18,resnet50,densenet121").Split(','))
        {
            foreach (string batch in Setting("ALEXNETML_STEP_BATCHES", "8").Split(','))
                Measure(output, name, int.Parse(batch, CultureInfo.InvariantCulture), rounds, python);
        }
    }

    private static void Measure(TextWriter output, string name, int batch, int rounds, PyTorchStep? python)
    {
        using var ours = new TrainingStep(name, batch);
        ours.Seconds();
        ours.Seconds();
        python?.Prepare($"{name} {batch} {Side}");
        var times = new double[rounds][];
        for (int i = 0; i < rounds; i++)
            times[i] = Contest.Round(i, ours.Seconds, () => python?.Seconds(1) ?? double.NaN);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-12} batch {batch,3}: ours {batch / Contest.Median(times.Select(t => t[0])):f2} images/s, PyTorch {batch / Contest.Median(times.Select(t => t[1])):f2}; our time / PyTorch's {Contest.Median(times.Select(t => t[0] / t[1])):f3}, median of {rounds}"));
    }

    private static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;

    private sealed class TrainingStep : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> _network;
        private readonly MomentumSgd _optimizer;
        private readonly Tensor _pictures;
        private readonly Tensor _labels;

        internal TrainingStep(string name, int batch)
        {
            _network = Networks.Create(name);
            _network.train();
            _optimizer = new MomentumSgd(_network.named_parameters(), form: VelocityForm.RateOutside);
            _pictures = randn(batch, 3, Side, Side);
            _labels = randint(0, 1000, [batch], dtype: int64);
        }

        internal double Seconds()
        {
            var clock = Stopwatch.StartNew();
            using var scope = NewDisposeScope();
            _network.zero_grad();
            IReadOnlyList<Tensor> logits = _network is IAuxiliaryClassifiers heads ? heads.ForwardWithAuxiliaries(_pictures) : [_network.call(_pictures)];
            Tensor loss = logits.Select((one, i) => nn.functional.cross_entropy(one, _labels) * (i == 0 ? 1 : 0.3)).Aggregate((sum, next) => sum + next);
            loss.backward();
            _optimizer.Step(LearningRate);
            return clock.Elapsed.TotalSeconds;
        }

        public void Dispose()
        {
            _network.Dispose();
            _optimizer.Dispose();
            _pictures.Dispose();
            _labels.Dispose();
        }
    }
}
