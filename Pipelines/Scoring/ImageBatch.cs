using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>Some rows of the input on their way through the decoders. Each slot is written by one worker; all are read when the last is done.</summary>
internal sealed class ImageBatch
{
    private readonly ImageInput[] _inputs;
    private readonly Exception?[] _failures;
    private readonly TaskCompletionSource _decoded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _remaining;

    public ImageBatch(long firstRow, ImageInput[] inputs, PixelBuffer pixels)
    {
        FirstRow = firstRow;
        Pixels = pixels;
        _inputs = inputs;
        _failures = new Exception?[inputs.Length];
        _remaining = inputs.Length;
    }

    public long FirstRow { get; }

    public int Count => _inputs.Length;

    /// <summary><see cref="Count"/> pictures and room for the rest of a full batch.</summary>
    public PixelBuffer Pixels { get; }

    public string? Source(int slot) => _inputs[slot].Source;

    public Exception? Failure(int slot) => _failures[slot];

    public void Decode(int slot, IImageDecoder decoder, ImageBuffer picture)
    {
        try
        {
            _inputs[slot].Write(decoder, picture, Pixels, slot);
        }
        catch (Exception e)
        {
            // Everything goes to the consumer, who alone may throw. The slot stays in the batch as zeros: taking it out would change the size
            // of the batch, and with it the last bits of the other rows.
            _failures[slot] = e;
            Pixels.Clear(slot);
        }

        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            _decoded.SetResult();
        }
    }

    public void WaitUntilDecoded(CancellationToken cancellationToken) => _decoded.Task.Wait(cancellationToken);

    /// <summary>The first slot whose failure ends the enumeration, or <see cref="Count"/>.</summary>
    public int FirstFatal(InvalidImageHandling handling)
    {
        int slot = Array.FindIndex(_failures, e => e is not null && (handling == InvalidImageHandling.Stop || !ImageFailure.IsInvalidImage(e)));
        return slot < 0 ? Count : slot;
    }

    public bool AnyDecoded(int slots) => Array.FindIndex(_failures, 0, slots, e => e is null) >= 0;
}
