using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Local response normalization on the paper's first maps, 128×96×55×55, forward and backward on a GPU: the layer (the Local stack's own kernels, where
/// they were built) against torch's composite of operators. See docs/gpu.md.
/// </summary>
public static class LocalResponseNormCuda
{
    private const int Repeats = 21, Calls = 10;

    /// <summary>Prints both times, their ratio and the largest difference of results and gradients.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!cuda.is_available())
        {
            output.WriteLine("There is no CUDA device, or this libtorch has no CUDA: nothing was measured.");
            return;
        }
        using var layer = FusedLocalResponseNorm.Paper();
        using Tensor input = randn([128, 96, 55, 55], device: CUDA).mul_(50).requires_grad_();
        using Tensor gradient = randn([128, 96, 55, 55], device: CUDA);
        Func<Tensor, Tensor> composite = x => nn.functional.local_response_norm(x, layer.size, layer.alpha, layer.beta, layer.k);
        (double value, double slope) = Differences(layer.call, composite, input, gradient);
        Measure(layer.call, input, gradient);
        Measure(composite, input, gradient);
        (double Own, double Torch)[] times = [.. Enumerable.Range(0, Repeats).Select(_ => (Measure(layer.call, input, gradient), Measure(composite, input, gradient)))];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LRN 128x96x55x55 forward+backward, CUDA, torch {__version__}: layer {Contest.Median(times.Select(t => t.Own)):f3} ms, torch {Contest.Median(times.Select(t => t.Torch)):f3} ms, ratio {Contest.Median(times.Select(t => t.Torch / t.Own)):f1}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"largest difference relative to the largest value: forward {value:e1}, backward {slope:e1}"));
    }

    private static double Measure(Func<Tensor, Tensor> layer, Tensor input, Tensor gradient)
    {
        cuda.synchronize();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < Calls; i++)
        {
            using var scope = NewDisposeScope();
            layer(input).backward([gradient]);
            input.grad = null;
        }
        cuda.synchronize();
        return clock.Elapsed.TotalMilliseconds / Calls;
    }

    private static (double Value, double Gradient) Differences(Func<Tensor, Tensor> own, Func<Tensor, Tensor> torchs, Tensor input, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Tensor[] results = new Tensor[2], gradients = new Tensor[2];
        foreach ((int i, Func<Tensor, Tensor> layer) in new[] { (0, own), (1, torchs) })
        {
            Tensor result = layer(input);
            result.backward([gradient]);
            (results[i], gradients[i]) = (result.detach(), input.grad!.clone());
            input.grad = null;
        }
        double Relative(Tensor[] pair) => (pair[0] - pair[1]).abs().max().item<float>() / pair[1].abs().max().item<float>();
        return (Relative(results), Relative(gradients));
    }
}
