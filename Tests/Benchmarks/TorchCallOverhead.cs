using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>What a call of a tiny operator costs from C#: everything around the arithmetic.</summary>
public static class TorchCallOverhead
{
    private const int Repeats = 9;
    private const int Calls = 200_000;

    /// <summary>Measures each case several times and prints its median and fastest time per call.</summary>
    /// <param name="output">Where the lines go.</param>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var left = ones(1);
        using var right = ones(1);
        using var weight = ones(1).requires_grad_();
        Report(output, "add, result disposed", () => {
            using var sum = left.add(right);
        });
        Report(output, "add of a number, result disposed", () => {
            using var sum = left.add(1.0);
        });
        Report(output, "add in place", () => left.add_(right));
        Report(output, "add recorded by autograd, result disposed", () => {
            using var sum = weight.add(right);
        });
        Report(output, "shape", () => _ = left.shape);
        try {
            // The Local stack's library can run the same additions without C#.
            Report(output, "add in C++ alone", Calls, count => {
                if (anml_time_additions(count) < 0) throw new InvalidOperationException("libtorch failed to add.");
            });
        } catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) {
            output.WriteLine("add in C++ alone: not available on this stack");
        }
    }

    private static void Report(TextWriter output, string name, Action call) => Report(output, name, Calls, count => {
        for (var i = 0; i < count; i++) call();
    });

    private static void Report(TextWriter output, string name, int calls, Action<int> run)
    {
        run(calls / 10);
        var times = new double[Repeats];
        for (var i = 0; i < Repeats; i++) {
            var start = Stopwatch.GetTimestamp();
            run(calls);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
        }
        Array.Sort(times);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {times[Repeats / 2]:F2} µs per call (fastest of {Repeats}: {times[0]:F2})"));
    }

    [DllImport("alexnetml_torch")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern double anml_time_additions(long count);
}
