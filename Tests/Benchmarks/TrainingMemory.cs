using System.Diagnostics;
using AlexNetMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Benchmarks;

/// <summary>1,000 training steps of a small AlexNet: the number of live tensors and the resident memory must not grow.</summary>
public static class TrainingMemory
{
    private const int Steps = 1000, Batch = 16, WarmUp = 100;

    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        manual_seed(1);
        using var network = new AlexNet(new AlexNetOptions { Classes = 10, Side = 28, Width = 0.125, Initialization = AlexNetInitialization.He });
        using var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4);
        using var pictures = randn([Batch, 3, 28, 28]);
        using var labels = randint(0, 10, [Batch], dtype: int64);
        output.WriteLine($"{"step",6} {"tensors",8} {"resident MiB",13}");
        for (int step = 0; step <= Steps; step++)
        {
            if (step >= WarmUp && step % 100 == 0)
            {
                using var process = Process.GetCurrentProcess();
                output.WriteLine($"{step,6} {Tensor.TotalCount,8} {process.WorkingSet64 / 1048576.0,13:F1}");
            }

            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(network.call(pictures), labels);
            loss.backward();
            optimizer.step();
        }
    }
}
