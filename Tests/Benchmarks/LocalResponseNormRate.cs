using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Local response normalization on the paper's first maps, 32×96×55×55, forward and backward: the fused layer against torch's composite of
/// operators. The two take turns, so that a busy machine slows both.
/// </summary>
public static class LocalResponseNormRate
{
    private const int Repeats = 11;

    /// <summary>Measures and prints one line for each layer and the median ratio.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var fused = FusedLocalResponseNorm.Paper();
        using var composite = nn.LocalResponseNorm(fused.size, fused.alpha, fused.beta, fused.k);
        using Tensor input = randn([32, 96, 55, 55], requires_grad: true);
        using Tensor gradient = randn(32, 96, 55, 55);
        var times = new (double Fused, double Composite)[Repeats];
        Measure(fused, input, gradient);                // the first of each compiles and touches memory
        Measure(composite, input, gradient);
        for (int i = 0; i < Repeats; i++)
            times[i] = (Measure(fused, input, gradient), Measure(composite, input, gradient));

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LRN 32x96x55x55 forward+backward, {get_num_threads()} threads: fused {Contest.Median(times.Select(t => t.Fused)):f1} ms, torch {Contest.Median(times.Select(t => t.Composite)):f1} ms"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LRN ratio torch / fused, median of {Repeats}: {Contest.Median(times.Select(t => t.Composite / t.Fused)):f1}"));
    }

    private static double Measure(nn.Module<Tensor, Tensor> layer, Tensor input, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        Tensor result = layer.call(input);
        result.backward([gradient]);
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        input.grad = null;
        return milliseconds;
    }
}
