using System.Collections.Concurrent;

namespace AlexNetMl.Scoring;

/// <summary>
/// Batch buffers, pinned once for ONNX Runtime and used again. It keeps as many as one enumeration uses; enumerations beside the first take
/// more and leave them to the garbage collector.
/// </summary>
internal sealed class TensorPool(PixelLayout layout, int rows, int kept)
{
    private readonly ConcurrentBag<PixelBuffer> _free = [];

    public PixelBuffer Rent() => _free.TryTake(out PixelBuffer? buffer) ? buffer : new PixelBuffer(layout, rows);

    public void Return(PixelBuffer buffer)
    {
        if (_free.Count < kept)
        {
            _free.Add(buffer);
        }
    }
}
