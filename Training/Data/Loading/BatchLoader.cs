using System.Runtime.ExceptionServices;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// Fills batches ahead of their use, on threads of its own, and hands them out in order.
/// </summary>
/// <remarks>
/// The workers share each batch: they take pictures of it from a common counter and write into a ring of buffers, and wait while its next one is in use.
/// What a batch holds depends on its number alone, so the number of workers changes nothing but the speed. One worker keeps up with training
/// where pictures are in memory (cutting a window and scaling it is a thousandth of a training step); decoding at use takes more, at a lower
/// priority where training uses the same cores.
/// </remarks>
internal sealed class BatchLoader : IDisposable
{
    private static readonly Action<object?> Wake = static state =>
    {
        lock (((BatchLoader)state!)._lock)
            Monitor.PulseAll(((BatchLoader)state)._lock);
    };

    private readonly BatchFiller _filler;
    private readonly IDisposable? _hold;
    private readonly Func<int, int[]> _order;
    private readonly int _epochs;
    private readonly int _entries;
    private readonly int _batchSize;
    private readonly int _pieceSize;
    private readonly Batch[] _ring;
    private readonly Thread[] _workers;
    private readonly bool _lowPriority;
    private readonly object _lock = new();
    private (int Epoch, int[] Order) _current = (-1, []);
    private long _claimed;          // as many batches, from the first of all, are given out to the workers
    private int _place;             // as many pictures of the batch after them are
    private long _released;         // as many batches are done with
    private bool _stopped;

    /// <summary>Starts loading.</summary>
    /// <param name="store">The pictures.</param>
    /// <param name="preprocessing">Crop and normalization.</param>
    /// <param name="augmentation">Windows, flips and colour noise.</param>
    /// <param name="order">Picture indices of an epoch, in order; every epoch as many.</param>
    /// <param name="epochs">Epochs to serve.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="workers">Worker threads.</param>
    /// <param name="firstBatch">Number of the first batch, counted over all epochs: a resumed run loads nothing before it.</param>
    /// <param name="windows">How often in a row each picture stands in an epoch's order.</param>
    /// <param name="lowPriority">Whether workers that decode run at a lower priority than the threads that compute on the same cores.</param>
    internal BatchLoader(
        PictureStore store, ImagePreprocessing preprocessing, Augmentation augmentation, Func<int, int[]> order, int epochs, int batchSize, int workers, long firstBatch = 0,
        int windows = 1, bool lowPriority = false)
    {
        _entries = checked(store.All.Length * windows);
        (_order, _epochs) = (order, epochs);
        _filler = new BatchFiller(store, preprocessing, augmentation);
        _batchSize = Math.Min(batchSize, _entries);
        BatchesPerEpoch = (_entries + _batchSize - 1) / _batchSize;
        _claimed = _released = firstBatch;
        // A decoded picture is worth a claim of its own; windows of squares in memory are not.
        _pieceSize = windows * (store.InMemory ? Math.Max(1, _batchSize / windows / (4 * workers)) : 1);
        _ring = new Batch[(int)Math.Clamp(Total - firstBatch, 1, 1 + Math.Min(workers, 2))];
        _hold = store.Hold();
        for (int i = 0; i < _ring.Length; i++)
            _ring[i] = new Batch(_batchSize, preprocessing.CropSide);
        _lowPriority = lowPriority && !store.InMemory;
        _workers = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"picture loader {i}" };
            _workers[i].Start();
        }
    }

    /// <summary>Batches in an epoch.</summary>
    internal int BatchesPerEpoch { get; }

    private long Total => (long)BatchesPerEpoch * _epochs;

    /// <summary>Waits for batch <paramref name="number"/>, counted over all epochs. Numbers must be asked for in order.</summary>
    internal Batch Take(long number, CancellationToken cancellationToken)
    {
        Batch batch = _ring[number % _ring.Length];
        using CancellationTokenRegistration wake = cancellationToken.UnsafeRegister(Wake, this);
        lock (_lock)
        {
            while (!batch.Ready)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_lock);
            }
        }
        if (batch.Error.Cause is { } cause)
            ExceptionDispatchInfo.Throw(cause);
        return batch;
    }

    /// <summary>Gives the batch taken last back for filling.</summary>
    internal void Release(Batch batch)
    {
        lock (_lock)
        {
            batch.Ready = false;
            _released++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Stops the workers, waits for them and frees the buffers.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
        foreach (Thread worker in _workers)
            worker.Join();
        foreach (Batch batch in _ring)
            batch.Dispose();
        _hold?.Dispose();
    }

    private void Work()
    {
        if (_lowPriority)
            DecodingThread.LowerPriority();
        var scratch = new SquareScratch();
        while (Claim(out Piece piece))
        {
            Exception? error = null;
            try
            {
                _filler.Fill(piece.Batch, piece.Epoch, piece.Order.AsSpan(piece.Start, piece.Count), piece.First, piece.End, scratch);
            }
            catch (Exception exception)
            {
                error = exception;                      // thrown where the batch is taken, on the caller's thread
            }
            Finish(piece, error);
        }
    }

    private bool Claim(out Piece piece)
    {
        lock (_lock)
        {
            piece = default;
            while (!_stopped && _claimed < Total && _claimed >= _released + _ring.Length)
                Monitor.Wait(_lock);
            if (_stopped || _claimed >= Total)
                return false;
            (int epoch, int start, int count) = Span(_claimed);
            Batch batch = _ring[_claimed % _ring.Length];
            if (_current.Epoch != epoch)
                _current = (epoch, _order(epoch));
            if (_place == 0)
                batch.Begin(count);
            piece = new Piece(batch, epoch, _current.Order, start, count, _place, Math.Min(count, _place + _pieceSize));
            _place = piece.End;
            if (_place == count)
                (_claimed, _place) = (_claimed + 1, 0);
            return true;
        }
    }

    private void Finish(in Piece piece, Exception? error)
    {
        lock (_lock)
        {
            Batch batch = piece.Batch;
            if (error is not null)
                batch.Fail(piece.First, error);
            batch.Pending -= piece.End - piece.First;
            if (batch.Pending > 0)
                return;
            batch.Seal();
            batch.Ready = true;
            Monitor.PulseAll(_lock);
        }
    }

    // Where a batch's pictures stand in its epoch's order.
    private (int Epoch, int Start, int Count) Span(long number)
    {
        int start = (int)(number % BatchesPerEpoch) * _batchSize;
        return ((int)(number / BatchesPerEpoch), start, Math.Min(_batchSize, _entries - start));
    }

    /// <summary>Places <see cref="First"/> to <see cref="End"/> − 1 of a batch, whose pictures stand in an epoch's order from <see cref="Start"/> on.</summary>
    private readonly record struct Piece(Batch Batch, int Epoch, int[] Order, int Start, int Count, int First, int End);
}
