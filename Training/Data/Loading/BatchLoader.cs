using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One batch in memory that the loader uses again after <see cref="BatchLoader.Release"/>.</summary>
internal sealed class Batch
{
    internal Batch(int capacity, int side)
    {
        Inputs = empty([capacity, 3, side, side], dtype: ScalarType.Float32).DetachFromDisposeScope();
        Labels = empty([capacity], dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>Pictures <c>[capacity, 3, side, side]</c>, the first <see cref="Count"/> of which are this batch's.</summary>
    internal Tensor Inputs { get; }

    /// <summary>Labels <c>[capacity]</c>.</summary>
    internal Tensor Labels { get; }

    /// <summary>Pictures in the batch: the capacity, less in an epoch's last batch and where broken pictures are skipped.</summary>
    internal int Count { get; set; }

    /// <summary>Broken pictures that were skipped.</summary>
    internal int Skipped { get; set; }

    internal bool Ready { get; set; }

    internal Exception? Error { get; set; }
}

/// <summary>
/// Fills batches ahead of their use, on threads of its own, and hands them out in order.
/// </summary>
/// <remarks>
/// Worker threads take batch numbers from a common counter and write into a ring of buffers; a worker waits while its buffer is in use. What
/// a batch holds depends on its number alone, so the number of workers changes nothing but the speed. One worker keeps up with training
/// where pictures are in memory (cutting a window and scaling it is a thousandth of a training step); decoding at use takes more.
/// </remarks>
internal sealed class BatchLoader : IDisposable
{
    private readonly PictureStore _store;
    private readonly ImagePreprocessing _preprocessing;
    private readonly Augmentation _augmentation;
    private readonly Func<int, int[]> _order;
    private readonly int _epochs;
    private readonly int _batchSize;
    private readonly Batch[] _ring;
    private readonly Thread[] _workers;
    private readonly object _lock = new();
    private (int Epoch, int[] Order) _current = (-1, []);
    private long _claimed;
    private long _released;
    private bool _stopped;

    /// <summary>Starts loading.</summary>
    /// <param name="store">The pictures.</param>
    /// <param name="preprocessing">Crop and normalization.</param>
    /// <param name="augmentation">Windows and flips.</param>
    /// <param name="order">Picture indices of an epoch, in order; every epoch as many.</param>
    /// <param name="epochs">Epochs to serve.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="workers">Worker threads.</param>
    internal BatchLoader(PictureStore store, ImagePreprocessing preprocessing, Augmentation augmentation, Func<int, int[]> order, int epochs, int batchSize, int workers)
    {
        (_store, _preprocessing, _augmentation, _order, _epochs) = (store, preprocessing, augmentation, order, epochs);
        _batchSize = Math.Min(batchSize, store.Usable.Length);
        BatchesPerEpoch = (store.Usable.Length + _batchSize - 1) / _batchSize;
        _ring = new Batch[(int)Math.Min(workers + 1, (long)BatchesPerEpoch * epochs)];
        for (int i = 0; i < _ring.Length; i++)
            _ring[i] = new Batch(_batchSize, preprocessing.CropSide);
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
        using CancellationTokenRegistration wake = cancellationToken.Register(() =>
        {
            lock (_lock)
                Monitor.PulseAll(_lock);
        });
        Batch batch = _ring[number % _ring.Length];
        lock (_lock)
        {
            while (!batch.Ready)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_lock);
            }
        }
        if (batch.Error is not null)
            ExceptionDispatchInfo.Throw(batch.Error);
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
        {
            batch.Inputs.Dispose();
            batch.Labels.Dispose();
        }
    }

    private void Work()
    {
        while (true)
        {
            long number;
            int[] order;
            lock (_lock)
            {
                if (_stopped || _claimed >= Total)
                    return;
                number = _claimed++;
                int epoch = (int)(number / BatchesPerEpoch);
                if (_current.Epoch != epoch)
                    _current = (epoch, _order(epoch));
                order = _current.Order;
                while (number >= _released + _ring.Length)
                {
                    if (_stopped)
                        return;
                    Monitor.Wait(_lock);
                }
            }
            Batch batch = _ring[number % _ring.Length];
            try
            {
                batch.Error = null;
                Fill(batch, (int)(number / BatchesPerEpoch), order, (int)(number % BatchesPerEpoch) * _batchSize);
            }
            catch (Exception exception)
            {
                batch.Error = exception;                // thrown where the batch is taken, on the caller's thread
            }
            lock (_lock)
            {
                batch.Ready = true;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private void Fill(Batch batch, int epoch, int[] order, int start)
    {
        int crop = _preprocessing.CropSide, size = 3 * crop * crop;
        Span<float> inputs = MemoryMarshal.Cast<byte, float>(batch.Inputs.bytes);
        Span<long> labels = MemoryMarshal.Cast<byte, long>(batch.Labels.bytes);
        batch.Count = batch.Skipped = 0;
        foreach (int picture in order.AsSpan(start, Math.Min(_batchSize, order.Length - start)))
        {
            if (Volatile.Read(ref _stopped))
                return;
            byte[]? square = _store.Read(picture);
            if (square is null)
            {
                batch.Skipped++;
                continue;
            }
            (int left, int top, bool flip) = _augmentation.Window(epoch, picture, _store.Side, crop);
            _preprocessing.CropToTensor(square, _store.Side, _store.Side, left, top, flip, inputs.Slice(batch.Count * size, size));
            labels[batch.Count++] = _store.Label(picture);
        }
    }
}
