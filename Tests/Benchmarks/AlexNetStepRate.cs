using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AlexNetMl.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// A full training step of the paper's AlexNet (224×224, 60,965,224 parameters): forward, cross entropy, backward, SGD with momentum and weight
/// decay. Ours, ours without its two LRN layers, and PyTorch's eager step from Python take turns, so that a busy machine slows all three; ratios are
/// medians over the rounds.
/// </summary>
/// <remarks>
/// ALEXNETML_STEP_BATCHES (default 32,128) and ALEXNETML_STEP_ROUNDS (default 7) choose what is run. Python's libraries are listed: it is told to take the
/// BLAS that this process has loaded.
/// </remarks>
public static class AlexNetStepRate
{
    private const double LearningRate = 1e-4;
    private static readonly string[] LibraryNames = ["blas", "mkl", "dnnl", "libtorch_cpu"];

    /// <summary>Measures and prints three rates and two ratios for each batch size.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int rounds = int.Parse(Setting("ALEXNETML_STEP_ROUNDS", "7"), CultureInfo.InvariantCulture);
        using (Tensor warm = randn([256, 256]))
            warm.matmul(warm).Dispose();                    // loads the BLAS
        string[] libraries = LoadedLibraries();
        output.WriteLine($"ours: torch {__version__}, {get_num_threads()} threads, {string.Join(", ", libraries)}");
        string? blas = libraries.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libblas", StringComparison.Ordinal));
        using PyTorchStep? python = PyTorchStep.Start("alexnet_step.py", get_num_threads(), Path.GetDirectoryName(blas), out string problem);
        output.WriteLine(python is null ? $"PyTorch's side is left out: {problem}" : $"theirs: {python.Description}");
        foreach (string batch in Setting("ALEXNETML_STEP_BATCHES", "32,128").Split(','))
            Measure(output, int.Parse(batch, CultureInfo.InvariantCulture), rounds, python);
    }

    private static void Measure(TextWriter output, int batch, int rounds, PyTorchStep? python)
    {
        using var ours = new TrainingStep(batch, localResponseNorm: true);
        using var without = new TrainingStep(batch, localResponseNorm: false);
        ours.Seconds(2);
        without.Seconds(2);
        python?.Prepare(batch.ToString(CultureInfo.InvariantCulture));
        var times = new double[rounds][];
        for (int i = 0; i < rounds; i++)
            times[i] = Contest.Round(i, () => ours.Seconds(1), () => without.Seconds(1), () => python?.Seconds(1) ?? double.NaN);
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(culture, $"batch {batch,3}: ours {batch / Contest.Median(times.Select(t => t[0])):f1} images/s, without LRN {batch / Contest.Median(times.Select(t => t[1])):f1}, PyTorch {batch / Contest.Median(times.Select(t => t[2])):f1}"));
        output.WriteLine(string.Create(culture, $"batch {batch,3}: ours / PyTorch {Contest.Median(times.Select(t => t[2] / t[0])):f2}, ours / ours without LRN {Contest.Median(times.Select(t => t[1] / t[0])):f3}, medians of {rounds}"));
    }

    private static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;

    internal static string[] LoadedLibraries() => !File.Exists("/proc/self/maps")
        ? [RuntimeInformation.OSDescription]
        : [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..])
            .Where(path => LibraryNames.Any(Path.GetFileName(path)!.Contains)).Distinct().Order(StringComparer.Ordinal)];

    private sealed class TrainingStep : IDisposable
    {
        private readonly AlexNet _network;
        private readonly MomentumSgd _optimizer;
        private readonly Tensor _pictures;
        private readonly Tensor _labels;

        internal TrainingStep(int batch, bool localResponseNorm)
        {
            _network = new AlexNet(new AlexNetOptions { ResponseNorm = localResponseNorm });
            _network.train();
            _optimizer = new MomentumSgd(_network.named_parameters(), form: VelocityForm.RateOutside);
            _pictures = randn(batch, 3, 224, 224);
            _labels = randint(0, 1000, [batch], dtype: int64);
        }

        internal double Seconds(int steps)
        {
            var clock = Stopwatch.StartNew();
            for (int i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                _network.zero_grad();
                Tensor loss = nn.functional.cross_entropy(_network.call(_pictures), _labels);
                loss.backward();
                _optimizer.Step(LearningRate);
            }
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
