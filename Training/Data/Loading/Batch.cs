using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One batch in memory that the loader uses again after <see cref="BatchLoader.Release"/>.</summary>
internal sealed unsafe class Batch : IDisposable
{
    private const long Dropped = -1;

    private readonly float* _inputs;
    private readonly long* _labels;
    private readonly int _capacity;
    private readonly int _pictureLength;

    internal Batch(int capacity, int side)
    {
        Inputs = empty([capacity, 3, side, side], dtype: ScalarType.Float32).DetachFromDisposeScope();
        Labels = empty([capacity], dtype: ScalarType.Int64).DetachFromDisposeScope();
        (_capacity, _pictureLength) = (capacity, 3 * side * side);
        // Tensors' memory stays where it is; asking for it at each batch would cost calls and allocations.
        fixed (byte* inputs = Inputs.bytes, labels = Labels.bytes)
        {
            _inputs = (float*)inputs;
            _labels = (long*)labels;
        }
    }

    /// <summary>Pictures <c>[capacity, 3, side, side]</c>, the first <see cref="Count"/> of which are this batch's.</summary>
    internal Tensor Inputs { get; }

    /// <summary>Labels <c>[capacity]</c>.</summary>
    internal Tensor Labels { get; }

    /// <summary>Pictures in the batch: the capacity, less in an epoch's last batch and where broken pictures are skipped.</summary>
    internal int Count { get; private set; }

    /// <summary>Broken pictures that were skipped.</summary>
    internal int Skipped { get; private set; }

    /// <summary>Whether one of them was found to be broken only now.</summary>
    internal bool FoundBroken { get; private set; }

    /// <summary>Whether it is filled and not yet given back.</summary>
    internal bool Ready { get; set; }

    /// <summary>Places that are not filled yet; kept by the loader.</summary>
    internal int Pending { get; set; }

    /// <summary>Why it could not be filled: the error of its first picture that has one.</summary>
    internal (int Place, Exception? Cause) Error { get; private set; }

    /// <summary>Begins anew, for <paramref name="count"/> pictures.</summary>
    internal void Begin(int count) => (Count, Pending, Skipped, FoundBroken, Error) = (count, count, 0, false, default);

    /// <summary>Leaves the picture at a place out.</summary>
    internal void Drop(int place, bool found)
    {
        LabelValues[place] = Dropped;
        if (found)
            FoundBroken = true;
    }

    /// <summary>Notes that the picture at a place failed.</summary>
    internal void Fail(int place, Exception cause)
    {
        if (Error.Cause is null || place < Error.Place)
            Error = (place, cause);
    }

    /// <summary>Moves pictures together where some were left out.</summary>
    internal void Seal()
    {
        Span<long> labels = LabelValues;
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (labels[i] == Dropped)
                continue;
            if (kept != i)
            {
                Picture(i).CopyTo(Picture(kept));
                labels[kept] = labels[i];
            }
            kept++;
        }
        (Skipped, Count) = (Count - kept, kept);
    }

    /// <summary>Where picture <paramref name="index"/> is written.</summary>
    internal Span<float> Picture(int index) => (uint)index < (uint)_capacity
        ? new Span<float>(_inputs + (long)index * _pictureLength, _pictureLength)
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Where the labels are written.</summary>
    internal Span<long> LabelValues => new(_labels, _capacity);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Inputs.Dispose();
        Labels.Dispose();
    }
}
