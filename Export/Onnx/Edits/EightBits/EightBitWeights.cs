using System.Runtime.InteropServices;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// Weights as signed bytes, one scale for each output channel, −64 to 64 only: processors without VNNI add two products in sixteen bits, and 2 × 255 × 64
/// is the most that fits. So a file computes the same numbers on all of them.
/// </summary>
internal sealed class EightBitWeights : IOnnxTensorSource
{
    private const int Most = 64;

    // A bias counts in steps of its input's scale times its channel's; it must not come near the end of 32 bits.
    private const double MostBiasSteps = 1 << 30;

    private readonly IOnnxTensorSource _source;
    private readonly long _channels;
    private readonly long _inner;

    /// <summary>Looks through the weights once, for the scales.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="source">The float32 weights; they are asked for again when the file is written.</param>
    /// <param name="axis">The axis that has the output channels.</param>
    /// <param name="bias">The layer's bias, empty for none.</param>
    /// <param name="inputScale">The scale of what the layer reads.</param>
    /// <exception cref="OnnxFormatException">A weight is not finite.</exception>
    public EightBitWeights(string name, IOnnxTensorSource source, int axis, float[] bias, float inputScale)
    {
        (Name, _source) = (name, source);
        _channels = source.Dimensions[axis];
        _inner = source.Dimensions.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] largest = new float[_channels];
        Scan((value, channel, _) => largest[channel] = MathF.Max(largest[channel], MathF.Abs(value)));
        Scales = new float[_channels];
        for (int channel = 0; channel < _channels; channel++)
        {
            if (!float.IsFinite(largest[channel]))
            {
                throw new OnnxFormatException($"The weight '{source.Name}' holds {largest[channel]}; eight bits are spread over finite values.");
            }

            double scale = Math.Max((double)largest[channel] / Most, bias.Length > 0 ? Math.Abs(bias[channel]) / (MostBiasSteps * inputScale) : 0);
            Scales[channel] = scale > 0 && (float)scale > 0 ? (float)scale : 1;
        }
    }

    /// <summary>The length of a step, for each output channel.</summary>
    public float[] Scales { get; }

    public string Name { get; }

    public DataType ElementType => DataType.Int8;

    public IReadOnlyList<long> Dimensions => _source.Dimensions;

    public long ByteLength => _source.ByteLength / sizeof(float);

    public void WriteTo(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        sbyte[] bytes = new sbyte[FloatStream.BlockLength];
        Scan(
            (value, channel, at) => bytes[at] = (sbyte)Math.Clamp(MathF.Round(value / Scales[channel]), -Most, Most),
            count => destination.Write(MemoryMarshal.AsBytes(bytes.AsSpan(0, count))));
    }

    /// <summary>A bias in the steps of its layer's sums.</summary>
    public int[] Bias(float[] bias, float inputScale)
        => [.. bias.Select((value, channel) => (int)Math.Clamp(Math.Round(value / ((double)inputScale * Scales[channel])), -int.MaxValue, int.MaxValue))];

    private void Scan(Action<float, int, int> each, Action<int>? block = null)
    {
        long index = 0;
        using var stream = new FloatStream(values =>
        {
            for (int i = 0; i < values.Length; i++, index++)
            {
                each(values[i], (int)(index / _inner % _channels), i);
            }

            block?.Invoke(values.Length);
        });
        OnnxModelWriter.CopyExactly(_source, stream);
    }
}
