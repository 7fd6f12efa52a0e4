using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Torch.Tests;

/// <summary>Large blocks are kept when tensors free them: used again, never shared, and no more of them than were in use at one time.</summary>
[TestClass]
[DoNotParallelize]
public sealed class LargeMemoryTests
{
    private const int Mega = 1 << 20;

    [TestMethod]
    public void A_freed_block_serves_the_next_tensor_of_its_size()
    {
        nint first;
        using (var tensor = empty(20 * Mega)) first = Address(tensor);
        using (var tensor = empty(20 * Mega)) Assert.AreEqual(first, Address(tensor));
        using var zeroed = zeros(20 * Mega);
        Assert.AreEqual(0f, zeroed.abs().max().item<float>());
    }

    [TestMethod]
    public void Tensors_of_many_sizes_keep_their_values_and_memory_stays_bounded()
    {
        var random = new Random(1);
        var live = new List<(Tensor Tensor, float Value)>();
        long used = 0, peak = 0, before = ResidentBytes();
        for (var i = 0; i < 400; i++) {
            if (live.Count > 0 && (live.Count == 6 || random.Next(2) == 0)) {
                var (tensor, value) = live[random.Next(live.Count)];
                live.Remove((tensor, value));
                used -= tensor.NumberOfElements * 4;
                Check(tensor, value);
                tensor.Dispose();
            } else {
                var elements = random.Next(Mega, 8 * Mega);
                live.Add((full([elements], (float)i), i));
                used += elements * 4L;
                peak = Math.Max(peak, used);
            }
        }
        var growth = ResidentBytes() - before;
        // An eighth and 64 MiB is what may wait beside the greatest use; the heap's own share comes on top for the smaller ones.
        Assert.IsLessThan(peak * 1.5 + 128 * Mega, (double)growth, $"{growth / Mega} MiB are resident, at most {peak / Mega} were in use at one time.");
        foreach (var (tensor, value) in live) {
            Check(tensor, value);
            tensor.Dispose();
        }
    }

    [TestMethod]
    public void Threads_do_not_get_each_others_blocks()
    {
        Parallel.For(0, 4, worker => {
            for (var i = 0; i < 25; i++) {
                float value = worker * 100 + i;
                using var tensor = full([4 * Mega + worker], value);
                Thread.Yield();
                Check(tensor, value);
            }
        });
    }

    private static void Check(Tensor tensor, float value)
    {
        var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        Assert.AreEqual(-1, values.IndexOfAnyExcept(value));
    }

    private static unsafe nint Address(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes) return (nint)start;
    }

    private static long ResidentBytes()
    {
        LocalTorch.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
