using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// One step of the optimiser on the paper's 60,965,224 parameters: the fused pass, in both forms, against torch's SGD operators, and against a pass that only moves
/// as many bytes as the update must (three reads and two writes of four bytes each). All take turns, so that a busy machine slows them alike.
/// </summary>
/// <remarks>Seen on 2 cores: rate inside 66 ms, rate outside 64 ms, torch's SGD 460 ms, memory limit 66 ms.</remarks>
public static class OptimizerRate
{
    private const int Repeats = 9;
    private const int BytesPerParameter = 5 * sizeof(float);

    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var network = new AlexNet(1000);
        foreach (Parameter parameter in network.parameters())
            parameter.grad = ones_like(parameter);
        using var inside = new MomentumSgd(network.named_parameters(), form: VelocityForm.RateInside);
        using var outside = new MomentumSgd(network.named_parameters(), form: VelocityForm.RateOutside);
        using SGD torchs = optim.SGD(network.parameters(), 1e-9, 0.9, weight_decay: 5e-4);
        using var limit = new MemoryPass(60_965_224);
        (string Name, Action Step)[] sides =
        [
            ("rate inside", () => inside.Step(1e-9)),
            ("rate outside", () => outside.Step(1e-9)),
            ("torch SGD", () => torchs.step()),
            ("memory limit", limit.Run),
        ];
        foreach ((_, Action step) in sides)
            step();                                     // velocities are made, code is compiled
        var times = sides.Select(_ => new double[Repeats]).ToArray();
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            for (int side = 0; side < sides.Length; side++)
            {
                var clock = Stopwatch.StartNew();
                sides[side].Step();
                times[side][repeat] = clock.Elapsed.TotalMilliseconds;
            }
        }

        double gigabytes = 60_965_224.0 * BytesPerParameter / 1e9, lower = Contest.Median(times[^1]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"60,965,224 parameters, {get_num_threads()} threads, {gigabytes:F2} GB needed, median of {Repeats}"));
        for (int side = 0; side < sides.Length; side++)
        {
            double milliseconds = Contest.Median(times[side]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sides[side].Name,-13} {milliseconds,7:F1} ms  {gigabytes / milliseconds * 1e3,6:F1} GB/s of those needed  {milliseconds / lower,5:F2} of the limit"));
        }
    }

    /// <summary>Reads three arrays and writes two, a multiply-add each: what no update can be quicker than.</summary>
    private sealed unsafe class MemoryPass(int length) : IDisposable
    {
        private readonly Tensor _a = ones(length), _b = ones(length), _c = ones(length);

        public void Run()
        {
            int threads = get_num_threads();
            nint a = Address(_a), b = Address(_b), c = Address(_c);
            Parallel.For(0, threads, part =>
            {
                long from = (long)length * part / threads, to = (long)length * (part + 1) / threads;
                float* first = (float*)a, second = (float*)b, third = (float*)c;
                for (long i = from; i <= to - Vector<float>.Count; i += Vector<float>.Count)
                {
                    Vector<float> sum = Vector.Load(first + i) + Vector.Load(second + i) + Vector.Load(third + i);
                    sum.Store(first + i);
                    sum.Store(second + i);
                }
            });
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            _c.Dispose();
        }

        private static nint Address(Tensor tensor)
        {
            fixed (byte* start = tensor.bytes)
                return (nint)start;
        }
    }
}
