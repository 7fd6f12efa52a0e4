using System.Runtime.ExceptionServices;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Shows the squares of many pictures to a callback, on several threads.</summary>
internal static class PictureSweep
{
    /// <summary>Sees one picture.</summary>
    /// <param name="number">Its number in the sweep.</param>
    /// <param name="square">Its planar square, valid during the call.</param>
    /// <param name="local">What the thread that calls collects in.</param>
    internal delegate void Visit<in TLocal>(int number, ReadOnlySpan<byte> square, TLocal local);

    /// <summary>
    /// Visits pictures <paramref name="picture"/>(0 … <paramref name="count"/> − 1). Where one fails, all before it are still visited, so that
    /// the error names the first, not any.
    /// </summary>
    internal static void Run<TLocal>(
        PictureSet set,
        ImagePreprocessing preprocessing,
        int count,
        Func<int, int> picture,
        int threads,
        SkippedPictures skips,
        PictureMeter meter,
        Func<TLocal> start,
        Visit<TLocal> visit,
        Action<TLocal> finish,
        CancellationToken cancellationToken)
    {
        using IDisposable? hold = set.Hold();
        int next = -1;
        bool stopped = false;
        int failedAt = int.MaxValue;
        Exception? failure = null;
        threads = Math.Max(1, Math.Min(threads, count));
        object gate = new();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Work());
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        cancellationToken.ThrowIfCancellationRequested();

        void Work()
        {
            TLocal local = start();
            var scratch = new SquareScratch();
            while (!Volatile.Read(ref stopped) && !cancellationToken.IsCancellationRequested)
            {
                int number = Interlocked.Increment(ref next);
                if (number >= count)
                    break;
                bool skipped = false;
                try
                {
                    visit(number, set.Square(picture(number), preprocessing, scratch), local);
                }
                catch (Exception exception) when (skips.Takes(set.Name(picture(number)), exception))
                {
                    skips.Add(set.Name(picture(number)), exception);
                    skipped = true;
                }
                catch (Exception exception)
                {
                    lock (gate)
                    {
                        if (number < failedAt)
                            (failedAt, failure) = (number, exception);
                    }
                    Volatile.Write(ref stopped, true);
                    break;
                }
                meter.Add(skipped);
            }
            lock (gate)
                finish(local);
        }
    }

    /// <summary>All cores for 0.</summary>
    internal static int Threads(int asked) => asked > 0 ? asked : Environment.ProcessorCount;
}
