using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>
/// The decoding threads of one enumeration. Threads of their own, not the pool's: an application that scores on pool threads and waits there
/// would starve itself. They start when there is work for them, so that a single row starts a single thread.
/// </summary>
internal sealed class DecodeWorkers(int maxThreads, IImageDecoder decoder, bool lowPriority = false) : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<(ImageBatch Batch, int Slot)> _work = new();
    private readonly List<Thread> _threads = [];
    private int _idle;
    private bool _stopped;

    public void Add(ImageBatch batch)
    {
        lock (_gate)
        {
            for (int slot = 0; slot < batch.Count; slot++)
            {
                _work.Enqueue((batch, slot));
            }

            for (int missing = Math.Min(maxThreads - _threads.Count, _work.Count - _idle); missing > 0; missing--)
            {
                var thread = new Thread(Work) { IsBackground = true, Name = "AlexNetMl decoder" };
                _threads.Add(thread);
                thread.Start();
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops the threads after the picture each is at and waits for them: afterwards nothing writes into a buffer or holds a file open.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _work.Clear();
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        if (lowPriority)
        {
            DecodingThread.LowerPriority();
        }

        var picture = new ImageBuffer();
        while (true)
        {
            ImageBatch batch;
            int slot;
            lock (_gate)
            {
                _idle++;
                while (_work.Count == 0 && !_stopped)
                {
                    Monitor.Wait(_gate);
                }

                _idle--;
                if (_stopped)
                {
                    return;
                }

                (batch, slot) = _work.Dequeue();
            }

            batch.Decode(slot, decoder, picture);
        }
    }
}
