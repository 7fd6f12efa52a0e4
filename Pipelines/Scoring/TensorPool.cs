using System.Collections.Concurrent;

namespace AlexNetMl.Scoring;

/// <summary>
/// Batch buffers, pinned once for ONNX Runtime and used again. It keeps as many as one enumeration uses; enumerations beside the first take
/// more and leave them to the garbage collector.
/// </summary>
internal sealed class TensorPool(int length, int kept)
{
    private readonly ConcurrentBag<float[]> _free = [];

    public float[] Rent() => _free.TryTake(out float[]? buffer) ? buffer : GC.AllocateUninitializedArray<float>(length, pinned: true);

    public void Return(float[] buffer)
    {
        if (_free.Count < kept)
        {
            _free.Add(buffer);
        }
    }
}
