using System.Diagnostics;

namespace AlexNetMl.Training;

/// <summary>How far a pass over pictures is.</summary>
/// <param name="Done">Pictures done, skipped ones included.</param>
/// <param name="Total">Pictures of the whole pass.</param>
/// <param name="Skipped">Broken pictures left out.</param>
/// <param name="PicturesPerSecond">Mean speed so far.</param>
/// <param name="Remaining">Estimated time to the end.</param>
public sealed record PictureProgress(int Done, int Total, int Skipped, double PicturesPerSecond, TimeSpan Remaining);

/// <summary>Counts pictures on several threads and reports twice a second, and at the end.</summary>
internal sealed class PictureMeter(IProgress<PictureProgress>? progress, int total)
{
    private static readonly long Interval = Stopwatch.Frequency / 2;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _next = Stopwatch.GetTimestamp() + Interval;
    private int _done;
    private int _skipped;

    /// <summary>Broken pictures so far.</summary>
    internal int Skipped => Volatile.Read(ref _skipped);

    internal void Add(bool skipped)
    {
        if (skipped)
            Interlocked.Increment(ref _skipped);
        int done = Interlocked.Increment(ref _done);
        if (progress is null)
            return;
        long now = Stopwatch.GetTimestamp(), next = Volatile.Read(ref _next);
        if (done < total && (now < next || Interlocked.CompareExchange(ref _next, now + Interval, next) != next))
            return;
        double rate = done / Math.Max(1e-9, Stopwatch.GetElapsedTime(_start, now).TotalSeconds);
        progress.Report(new PictureProgress(done, total, Skipped, rate, TimeSpan.FromSeconds((total - done) / rate)));
    }
}
