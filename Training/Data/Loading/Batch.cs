using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One batch in memory that the loader uses again after <see cref="BatchLoader.Release"/>.</summary>
internal sealed unsafe class Batch : IDisposable
{
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
    internal int Count { get; set; }

    /// <summary>Broken pictures that were skipped.</summary>
    internal int Skipped { get; set; }

    internal bool Ready { get; set; }

    internal Exception? Error { get; set; }

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
