using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace AlexNetMl.Training.Tests;

/// <summary>A Python process with torchvision that runs torchvision_reference.py.</summary>
internal sealed partial class TorchvisionReference : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly Process? _process;

    public TorchvisionReference()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "torchvision_reference.py");
        if (!File.Exists(Python))
            return;
        _process = Process.Start(new ProcessStartInfo(Python, [script, Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true });
        if (_process!.StandardOutput.ReadLine() is not null)
            return;
        _process.Dispose();
        _process = null;
    }

    /// <summary>What torchvision computes; inconclusive where there is none.</summary>
    public (string[] Names, double[] Logits, double[] Gradients) Ask(string name, int side, int batch, bool training, string precision, bool small)
    {
        if (_process is null)
            Assert.Inconclusive($"{Python} has no torchvision here (Debian: apt-get install python3-torchvision).");
        string file = Path.GetTempFileName();
        try
        {
            _process.StandardInput.WriteLine($"{name} {side} {batch} {(training ? "train" : "eval")} {precision} {(small ? 1 : 0)} {file}");
            _process.StandardInput.Flush();
            string names = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The Python process ended; its own message stands above.");
            double[] values = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(file)).ToArray();
            int gradients = batch * 3 * side * side;
            return (names.Split(' '), values[..^gradients], values[^gradients..]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Numbers in [-1, 1) that depend on a name: the formula of torchvision_reference.py.</summary>
    public static double[] Formula(string name, long count)
    {
        uint seed = Encoding.UTF8.GetBytes(name).Aggregate(2166136261u, (hash, next) => unchecked((hash ^ next) * 16777619u));
        var values = new double[count];
        Parallel.For(0, (count + 0xFFFF) >> 16, chunk =>
        {
            for (long i = chunk << 16; i < Math.Min(count, (chunk + 1) << 16); i++)
            {
                uint x = unchecked((uint)i * 0x9E3779B1u + seed);
                x ^= x >> 16;
                x = unchecked(x * 0x85EBCA6Bu);
                x ^= x >> 13;
                x = unchecked(x * 0xC2B2AE35u);
                x ^= x >> 16;
                values[i] = x / 2147483648.0 - 1;
            }
        });
        return values;
    }

    /// <summary>The weights that the formula gives under a torchvision name: He's variance, normalizations near 1, residual branches at 0.3.</summary>
    public static float[] Weights(string name, long[] shape)
    {
        double[] u = Formula(name, shape.Aggregate(1L, (product, length) => product * length));
        double fanIn = shape.Skip(1).Aggregate(1.0, (product, length) => product * length);
        double branch = Branch().IsMatch(name) ? 0.3 : 1;
        return Array.ConvertAll(u, value => (float)(shape.Length > 1 ? value * Math.Sqrt(6 / fanIn)
            : name.EndsWith("weight", StringComparison.Ordinal) ? (1 + value / 2) * branch
            : name.EndsWith("running_var", StringComparison.Ordinal) ? 1 + value / 2
            : value / 5));
    }

    public void Dispose()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"layer\d+\.\d+\.bn[23]\.weight")]
    private static partial Regex Branch();
}
