using System.Diagnostics;

namespace AlexNetMl.Benchmarks;

/// <summary>Contestants that take turns, so that a busy machine slows all of them.</summary>
internal static class Contest
{
    // ONNX Runtime's, OpenMP's and another process's threads wait busily for tens of milliseconds after their last work, on the cores that the next contestant is to have.
    private const int Pause = 200;

    /// <summary>
    /// One turn each. Whoever comes behind another one finds its memory in the caches, so each comes first in its round.
    /// </summary>
    /// <param name="round">The round's number.</param>
    /// <param name="contestants">What each does; the result is its time or its rate.</param>
    /// <returns>The results in the order of the contestants.</returns>
    public static double[] Round(int round, params ReadOnlySpan<Func<double>> contestants)
    {
        double[] results = new double[contestants.Length];
        for (int turn = 0; turn < contestants.Length; turn++)
        {
            int contestant = (round + turn) % contestants.Length;
            Thread.Sleep(Pause);
            results[contestant] = contestants[contestant]();
        }

        return results;
    }

    /// <summary>Seconds that something takes.</summary>
    public static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The value in the middle; of an even number the mean of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}
